import type { PeerRow } from '@earshot/peers'

/**
 * Rows as live traffic and `analyze` have them in common. Erlangs are over the time looked at, which goes on live;
 * diagnoses are of attempts that are over, of which some may still wait for a retry; so does the last step of what is
 * said of methods and of the busiest second.
 */
export const sameLive = (rows: readonly PeerRow[]): object[] =>
  rows.map(({ capacity: { concurrent }, figures, ...row }) => ({
    ...row,
    figures: { ...figures, earlyMediaErlangs: undefined },
    capacity: { concurrent },
    diagnoses: undefined,
    causeMapping: undefined,
    capabilities: undefined
  }))

import type { PeerRow } from '@earshot/peers'

/**
 * Rows as live traffic and `analyze` have them in common. Erlangs are over the time looked at, which goes on live;
 * diagnoses are of attempts that are over, of which some may still wait for a retry; so does the last step of what is
 * said of methods.
 */
export const sameLive = (rows: readonly PeerRow[]): PeerRow[] => rows.map(row => ({ ...row, ...notCompared(row) }))

function notCompared({ figures }: PeerRow): Partial<PeerRow> & { readonly capabilities: object } {
  return {
    figures: { ...figures, earlyMediaErlangs: 0 },
    diagnoses: [],
    causeMapping: { followed: 0, notFollowed: 0 },
    capabilities: {}
  }
}

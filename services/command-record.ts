import { hash } from 'node:crypto'
import type { LogRecord, NewRecord } from '@earshot/bus'
import type { Alert, AlertKind } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'
import { checkFormat, FORMAT } from './pipeline.ts'

/** The alerts of a peer, of a kind, or of a kind at a peer. */
export type Scope = { readonly peer?: string; readonly kind?: AlertKind }

/** Who commanded, when by the console's clock, and why. */
export type Commander = { readonly by: string; readonly at: EpochMicros; readonly note?: string }

/** What people tell Earshot about its alerts. Commands hold in the order of the log, all of them in one partition. */
export type Command =
  | (Commander & { readonly kind: 'acknowledge'; readonly alert: Alert['id'] })
  /** One for each scope: a later one replaces it. */
  | (Commander & { readonly kind: 'silence'; readonly scope: Scope; readonly until: EpochMicros })
  | { readonly kind: 'unsilence'; readonly silence: string; readonly at: EpochMicros }

/** The name of the silence of a scope: there is one at most. */
export const silenceId = ({ peer, kind }: Scope): string =>
  hash('sha1', JSON.stringify([peer ?? null, kind ?? null]), 'base64url')

export const commandRecord = (command: Command): NewRecord => ({
  partition: 0,
  headers: { kind: command.kind, format: FORMAT },
  value: Buffer.from(JSON.stringify(command))
})

/** @throws for a format that a later version wrote */
export function readCommand({ headers, value }: Pick<LogRecord, 'headers' | 'value'>): Command {
  checkFormat(headers.format)
  return JSON.parse(value.toString()) as Command
}

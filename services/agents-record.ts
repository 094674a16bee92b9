import type { LogRecord, NewRecord } from '@earshot/bus'
import type { EpochMicros } from '@earshot/units'

/** What a collector tells of one of its agents. */
export type AgentStatus = {
  readonly agent: string
  /** What the collector's agents' file calls it. */
  readonly listedAs?: string
  /** Since the collector's start. */
  readonly packets: number
  /** Absent while everything of it was refused. */
  readonly lastSeen?: EpochMicros
  readonly clockOffsetSeconds: number
  readonly shiftedBySeconds?: number
  /** By reason, since the collector's start. */
  readonly drops: Readonly<Record<string, number>>
  readonly transports: readonly string[]
  /** From where its last packet came. */
  readonly address: string
  /** Its last packet had a key that was asked for. */
  readonly authenticated: boolean
}

/** What a collector tells of itself every few seconds, in one or more parts of equal `at`. */
export type AgentsRecord = {
  readonly collector: string
  /** By the collector's clock. */
  readonly at: EpochMicros
  /** Of all its agents and of nobody's, by reason, since its start. */
  readonly drops: Readonly<Record<string, number>>
  readonly agents: readonly AgentStatus[]
}

const FORMAT = '1'

export const agentsRecord = (partition: number, status: AgentsRecord): NewRecord => ({
  partition,
  headers: { kind: 'agents', format: FORMAT, at: String(status.at) },
  value: Buffer.from(JSON.stringify(status))
})

/** When it was told, without reading the rest. */
export const agentsToldAt = ({ headers }: Pick<LogRecord, 'headers'>): EpochMicros => Number(headers.at) as EpochMicros

/** @throws for a format that a later version wrote */
export function readAgents({ headers, value }: Pick<LogRecord, 'headers' | 'value'>): AgentsRecord {
  if (headers.format !== FORMAT)
    throw new Error(`Agents of format ${headers.format} in the log; this version of Earshot reads ${FORMAT}`)
  return JSON.parse(value.toString()) as AgentsRecord
}

import { z } from 'zod'
import { Count, countsOf, listOf, Share, Time } from './shapes.ts'
import { capabilityStates, directions, earlyMediaClasses, outcomes } from './words.ts'

/** What GET /api/peers answers. Meaning of the figures: docs/counting.md. */

const Rejection = z.strictObject({ method: z.string(), code: z.number().int(), transactions: Count })
export type Rejection = z.infer<typeof Rejection>

export const tallyShape = {
  attempts: Count,
  outcomes: countsOf(outcomes),
  classes: countsOf(earlyMediaClasses),
  earlyMedia: z.strictObject({ attempts: Count, outcomes: countsOf(outcomes), seconds: z.number() }),
  responses183: z.strictObject({ withSdp: Count, withoutSdp: Count }),
  rejections: listOf(Rejection)
}

const Tally = z.strictObject(tallyShape)
/** The figures of one peer in one direction, or of several added up. */
export type Tally = Readonly<z.infer<typeof Tally>>

const Seconds = z.number().nullable().describe('Seconds')
const Times = z.strictObject({ count: Count, mean: Seconds, p50: Seconds, p95: Seconds })
export type Times = z.infer<typeof Times>

export const figuresShape = z
  .strictObject({
    judged: Count,
    seizures: Count,
    ser: Share,
    seer: Share,
    isa: Share,
    scr: Share,
    asr: Share,
    abr: Share,
    ner: Share,
    acd: Seconds,
    srd: z.strictObject({ success: Times, failed: Times }),
    sdd: Times,
    sdt: Times,
    earlyMediaRate: Share,
    earlyMediaAsr: Share,
    earlyMediaAbandonRate: Share,
    earlyMediaErlangs: z.number().nullable(),
    calls: z.strictObject({ judged: Count, answered: Count, asr: Share })
  })
  .describe('K-1 to K-5 of docs/counting.md')
export type Figures = z.infer<typeof figuresShape>

const Contract = z.strictObject({ calls: z.number().optional(), cps: z.number().optional() })
const Busiest = (of: 'attempts' | 'calls') => z.strictObject({ [of]: Count, at: Time }).nullable()

const Capacity = z.strictObject({
  concurrent: z.strictObject({ setup: Count, earlyMedia: Count, established: Count }),
  carriedErlangs: z.number().nullable(),
  busySecond: Busiest('attempts').optional().describe('Of the day'),
  peak: Busiest('calls').optional().describe('Of the day'),
  contracted: Contract.optional(),
  headroom: Contract.optional().describe('Of both directions together')
})

const row = {
  ...tallyShape,
  allow: listOf(z.string()),
  diagnoses: listOf(z.strictObject({ code: z.string(), attempts: Count })),
  causeMapping: z.strictObject({ followed: Count, notFollowed: Count }),
  figures: figuresShape,
  capacity: Capacity
}

export const Peer = z.strictObject({
  peer: z.string(),
  group: z.string().optional(),
  ours: z.boolean().optional().describe('Our own equipment'),
  direction: z.enum(directions),
  ...row,
  capabilities: z.record(z.string(), z.enum(capabilityStates)).describe('By method; what is unknown is absent')
})

export type Peer = Readonly<z.infer<typeof Peer>>

export const HeardAgent = z.strictObject({
  agent: z.string(),
  packets: Count,
  lastSeen: Time.nullable().describe('Null while everything of it was refused'),
  clockOffsetSeconds: z.number(),
  shiftedBySeconds: z.number().optional()
})
export type HeardAgent = Readonly<z.infer<typeof HeardAgent>>

export const Snapshot = z.strictObject({
  since: Time.nullable().describe('Since when the sums count, event time'),
  now: Time.nullable().describe('Event time up to which everything is counted'),
  messages: z.record(z.string(), Count),
  calls: Count,
  agents: listOf(HeardAgent),
  drops: z.record(z.string(), Count).describe('By reason'),
  peers: listOf(Peer),
  groups: listOf(z.strictObject({ group: z.string(), direction: z.enum(directions), ...row }))
})

export type Snapshot = Readonly<z.infer<typeof Snapshot>>

export const Capability = z.strictObject({
  method: z.string(),
  state: z.enum(capabilityStates),
  advertised: z.enum(['yes', 'no', 'mixed', 'unknown']),
  advertisedAt: Time.optional(),
  ok: z.record(z.string(), Count).describe('Transactions by code'),
  rejected: z.record(z.string(), Count),
  lastOk: Time.optional(),
  lastRejected: Time.optional(),
  regressedSince: Time.optional(),
  callIds: z.strictObject({ ok: z.string().optional(), rejected: listOf(z.string()) }),
  agents: listOf(z.strictObject({ agent: z.string(), ok: Count, rejected: Count, last: Time }))
})
export type Capability = Readonly<z.infer<typeof Capability>>

export const Capabilities = z.strictObject({ peer: z.string(), now: Time.nullable(), methods: listOf(Capability) })

export type Capabilities = Readonly<z.infer<typeof Capabilities>>

import { z } from 'zod'
import { Count, countsOf, listOf, Share, Time } from './shapes.ts'
import { earlyMediaClasses, outcomes } from './words.ts'

/** What reports answer: docs/reports.md says what each figure means. */

const Amount = z.number().nullable()
const Seconds = z.number()
const Erlangs = z.number()

const Subject = z.union([
  z.strictObject({ kind: z.literal('peer'), name: z.string() }),
  z.strictObject({ kind: z.literal('group'), name: z.string() }),
  z.strictObject({ kind: z.literal('all') })
])

const about = { subject: Subject, direction: z.enum(['inbound', 'outbound', 'both']) }
const range = { from: Time, to: Time, timeZone: z.string() }

const Peak = z.strictObject({ calls: Count, hour: Time }).nullable().describe('Null of a group')
const Traffic = { erlangs: Erlangs, offered: Amount }
const Contract = { calls: z.number().optional(), cps: z.number().optional() }

const CapacityRow = z.strictObject({
  ...about,
  attempts: Count,
  blocked: Count.describe('Refused with 503 before anything rang or played'),
  seconds: z.strictObject({ setup: Seconds, earlyMedia: Seconds, established: Seconds }),
  erlangs: z.strictObject({
    setup: Erlangs,
    earlyMedia: Erlangs,
    established: Erlangs,
    carried: Erlangs.describe('All three together'),
    offered: Amount.describe('With what was blocked')
  }),
  busySecond: z.strictObject({ attempts: Count, at: Time }).nullable(),
  peaks: z.strictObject({ setup: Peak, earlyMedia: Peak, established: Peak, total: Peak }),
  busyHour: z
    .strictObject({
      days: Count,
      timeConsistent: z.strictObject({ clock: z.string(), ...Traffic }),
      dailyPeak: z.strictObject({ erlangs: Erlangs }),
      highest: z.strictObject({ at: Time, ...Traffic })
    })
    .nullable(),
  channels: z.strictObject({ timeConsistent: Amount, highest: Amount }),
  contract: z
    .strictObject({ ...Contract, headroom: z.strictObject(Contract), blocking: z.number().optional() })
    .optional(),
  growth: z.strictObject({ perWeek: z.number(), perMonth: z.number(), perWeekShare: Share }).nullable(),
  hours: listOf(
    z.strictObject({ at: Time, setup: Erlangs, earlyMedia: Erlangs, established: Erlangs, peak: Amount })
  ).optional()
})

export const CapacityReport = z.strictObject({
  kind: z.literal('capacity'),
  ...range,
  blocking: z.number(),
  rows: listOf(CapacityRow)
})
export type CapacityReport = Readonly<z.infer<typeof CapacityReport>>

const EarlyMediaRow = z.strictObject({
  ...about,
  attempts: Count,
  classes: countsOf(earlyMediaClasses),
  earlyMedia: Count,
  outcomes: countsOf(outcomes),
  rate: Share,
  answeredRate: Share,
  abandonRate: Share,
  seconds: Seconds,
  meanSeconds: Amount,
  diagnoses: listOf(z.strictObject({ code: z.string(), attempts: Count })),
  unanswered: z
    .strictObject({
      attempts: Count,
      meanSeconds: Amount,
      medianSeconds: Amount,
      causes: listOf(z.strictObject({ cause: z.string(), attempts: Count }))
    })
    .describe('Of attempts with early media that are over and were not answered')
})

export const EarlyMediaReport = z.strictObject({
  kind: z.literal('early-media'),
  ...range,
  rows: listOf(EarlyMediaRow)
})
export type EarlyMediaReport = Readonly<z.infer<typeof EarlyMediaReport>>

const MethodsRow = z.strictObject({
  subject: Subject,
  method: z.string(),
  code: z.number(),
  transactions: Count,
  firstHour: Time,
  lastHour: Time
})

const Regression = z.strictObject({
  kind: z.enum(['method_regression', 'allow_drop']),
  peer: z.string(),
  method: z.string(),
  startedAt: Time,
  endedAt: Time.optional(),
  summary: z.string()
})

export const MethodsReport = z.strictObject({
  kind: z.literal('methods'),
  ...range,
  rows: listOf(MethodsRow),
  regressions: listOf(Regression)
})
export type MethodsReport = Readonly<z.infer<typeof MethodsReport>>

export const Report = z.union([CapacityReport, EarlyMediaReport, MethodsReport])
export type Report = Readonly<z.infer<typeof Report>>

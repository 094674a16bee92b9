import { z } from 'zod'
import { figuresShape, tallyShape } from './peers.ts'
import { Count, listOf, Share } from './shapes.ts'
import { directions } from './words.ts'

const Counts = listOf(Count)
const Numbers = listOf(z.number())

/** How early media ended, in the parts that the page draws; they add up to all of it. */
export const earlyMediaParts = ['answered', 'busy', 'no_answer', 'cancelled', 'failed', 'open'] as const

/** One value for each step. What was observed is summed in the step in which an attempt began (docs/counting.md). */
export const Series = z.strictObject({
  peer: z.string().optional().describe('Absent: all of them'),
  direction: z.enum([...directions, 'both']),
  step: Count.describe('Seconds'),
  times: Counts.describe('Starts of the steps, epoch seconds'),
  attempts: Counts,
  answered: Counts,
  earlyMedia: z.strictObject(
    Object.fromEntries(earlyMediaParts.map(part => [part, Counts])) as Record<
      (typeof earlyMediaParts)[number],
      typeof Counts
    >
  ),
  earlyMediaSeconds: Numbers,
  earlyMediaAsr: listOf(Share),
  asr: listOf(Share),
  requestDelay: z
    .strictObject({ p50: listOf(z.number().nullable()), p95: listOf(z.number().nullable()) })
    .describe('RFC 6076 SRD of successful requests, seconds'),
  rejections: z.record(z.string(), Counts).describe('By method and code: UPDATE 501'),
  diagnoses: z.record(z.string(), Counts).describe('Attempts by code'),
  busySecond: Counts.describe('Attempts begun in the busiest second of the step'),
  peaks: z
    .strictObject({ setup: Counts, earlyMedia: Counts, established: Counts, total: Counts })
    .describe('Most calls at a time'),
  erlangs: z.strictObject({ setup: Numbers, earlyMedia: Numbers, established: Numbers }),
  total: z
    .strictObject({
      ...tallyShape,
      diagnoses: listOf(z.strictObject({ code: z.string(), attempts: Count })),
      figures: figuresShape
    })
    .describe('Of the whole period')
})
export type Series = Readonly<z.infer<typeof Series>>

/** A change of what a peer's Allow lists. */
export const AllowChanges = z.strictObject({
  peer: z.string(),
  changes: listOf(
    z.strictObject({
      at: z.string(),
      source: z.string(),
      methods: listOf(z.string()),
      came: listOf(z.string()),
      went: listOf(z.string())
    })
  ).describe('Newest first')
})
export type AllowChanges = Readonly<z.infer<typeof AllowChanges>>

import { z } from 'zod'
import { Count, listOf, Time } from './shapes.ts'
import { directions, earlyMediaClasses, outcomes } from './words.ts'

/** What the routes about calls answer. */

const Seconds = z.number().describe('Seconds')
const Cause = z.number().describe('Q.850')
const Leg = z.strictObject({
  attempt: z.string(),
  callId: z.string(),
  peer: z.string(),
  direction: z.enum(directions),
  class: z.enum(earlyMediaClasses),
  outcome: z.enum(outcomes),
  status: z.number()
})

/** One call attempt: docs/counting.md says what each field means. */
export const Attempt = z.strictObject({
  id: z.string(),
  callId: z.string(),
  peer: z.string(),
  direction: z.enum(directions),
  responder: z.string(),
  from: z.string(),
  to: z.string(),
  startedAt: Time,
  endedAt: Time,
  class: z.enum(earlyMediaClasses),
  outcome: z.enum(outcomes),
  status: z.number().describe('0 without a final'),
  cancel: z.enum(['elsewhere', 'rejected_elsewhere', 'caller', 'unseen']).optional(),
  firstCode: z.number(),
  alerted: z.boolean(),
  earlyMediaSeconds: Seconds,
  earlyMediaSpans: listOf(listOf(Time)).optional(),
  responses183: z.strictObject({ withSdp: Count, withoutSdp: Count }),
  transactions: Count,
  retries: listOf(z.number()),
  earlyCause: Cause.optional(),
  finalCause: Cause.optional(),
  cancelCause: Cause.optional(),
  effectiveCause: Cause.optional(),
  causeMapping: z.strictObject({ status: z.number(), followed: z.boolean() }).optional(),
  announcement: z.enum(['probable', 'possible']).optional(),
  mediaEvidence: z.enum(['unverified', 'seen', 'none_seen']).optional(),
  timeTo183: Seconds.optional(),
  timeToEarlyMedia: Seconds.optional(),
  ringSeconds: Seconds.optional(),
  sessionRequestDelay: Seconds.optional(),
  repeats: listOf(z.string()).optional(),
  answerRepeats: listOf(z.string()).optional(),
  transitions: z.strictObject({ from183To180: Count, from180To183: Count }).optional(),
  diagnosis: z.strictObject({ codes: listOf(z.string()), text: z.string() }).optional(),
  atFault: listOf(z.strictObject({ code: z.string(), at: Time, method: z.string(), status: z.number() })).optional(),
  legKeys: listOf(z.string()).optional(),
  flags: listOf(z.string()),
  otherLegs: listOf(Leg).optional(),
  legFaults: listOf(
    z.strictObject({
      attempt: z.string(),
      callId: z.string(),
      peer: z.string(),
      direction: z.enum(directions),
      codes: listOf(z.string())
    })
  ).optional()
})
export type Attempt = Readonly<z.infer<typeof Attempt>>

export const CallsFound = z.strictObject({
  rows: listOf(Attempt).describe('Newest first'),
  next: z.string().optional().describe('cursor of the next page; absent on the last')
})
export type CallsFound = Readonly<z.infer<typeof CallsFound>>

const Rung = z.strictObject({
  seconds: z.number().describe('After the ladder’s start'),
  at: Time,
  from: Count.describe('Index of a column'),
  to: Count,
  label: z.string(),
  facts: listOf(z.string()),
  atFault: listOf(z.string()).describe(
    'Codes of the diagnosis that this message is at fault for; method_rejected where it is a 501 or 405'
  ),
  earlyMedia: z.enum(['begins', 'lasts', 'ends']).optional(),
  earlyMediaAfter: z.boolean().describe('Up to the next message early media can play'),
  leg: Count.describe('Index of the Call-ID'),
  copies: Count,
  agent: z.string(),
  transport: z.string(),
  source: z.string(),
  destination: z.string(),
  text: z.string().describe('The message; bytes that are no UTF-8 are U+FFFD')
})
export type Rung = Readonly<z.infer<typeof Rung>>

export const Ladder = z.strictObject({
  start: Time,
  columns: listOf(z.strictObject({ address: z.string(), name: z.string() })),
  rungs: listOf(Rung)
})
export type Ladder = Readonly<z.infer<typeof Ladder>>

export const Call = z.strictObject({
  callId: z.string(),
  callIds: listOf(z.string()).describe('Of all legs, the one asked for first'),
  attempts: listOf(Attempt),
  verdicts: listOf(listOf(z.string())).describe('Of each attempt, what became of it in sentences'),
  ends: listOf(
    z.strictObject({
      callId: z.string(),
      peer: z.string(),
      answeredAt: Time,
      endedAt: Time,
      release: z.enum(['caller', 'callee', 'unseen']),
      talkSeconds: Seconds.optional()
    })
  ),
  rejections: listOf(
    z.strictObject({
      at: Time,
      callId: z.string(),
      peer: z.string(),
      direction: z.enum(directions),
      requester: z.string(),
      responder: z.string(),
      method: z.string(),
      code: z.number(),
      origin: z.boolean()
    })
  ),
  ladder: Ladder.optional().describe('Absent where no message of the call is kept'),
  derived: z.boolean().describe('The attempts were worked out from the messages: their records are not kept (yet)')
})
export type Call = Readonly<z.infer<typeof Call>>

import { between, micros, millis, plus, seconds, type EpochMicros, type Micros } from '@earshot/units'
import type { Early, Ending } from './carrier-peers.ts'
import { hear, invited, network, challenged, type Heard } from './early.ts'
import type { Leg } from './leg.ts'
import type { Random } from './random.ts'
import { talk } from './talk.ts'
import type { GeneratedClass, GeneratedOutcome, Note } from './truth.ts'

/** What happens in an attempt, and how long its parts may take. */
export type Plan = {
  readonly early: Early
  readonly ending: Ending
  /** From the first 18x to the end of the attempt, where the incident and not the ending decides. */
  readonly waitSeconds?: number
  readonly talkSeconds: number
  /** From this time on the peer answers UPDATE with 501. */
  readonly updateRejectedFrom: EpochMicros | undefined
  /** This attempt is the first of its call. */
  readonly opensCall: boolean
}

const classes: Readonly<Record<Early, GeneratedClass>> = {
  none: 'none',
  ringing: 'ringing',
  ringing_with_sdp: 'early_media',
  progress: 'progress',
  early_media: 'early_media',
  reliable: 'early_media',
  forked: 'early_media',
  announcement: 'early_media',
  vetoed: 'vetoed',
  unusable: 'unusable'
}

/** Writes one attempt, and the conversation behind it, into the leg's steps. Returns when the attempt has ended. */
export function playAttempt(leg: Leg, start: EpochMicros, plan: Plan, random: Random): EpochMicros {
  const note: Note | undefined = plan.opensCall ? { kind: 'call' } : undefined
  if (plan.ending === 'lost') return lose(leg, start, note)
  const asks = leg.outbound && leg.profile.challenge !== undefined
  const { at, invite } = asks ? challenged(leg, start, random, note) : invited(leg, start, random, { note })
  const delay = seconds(random.logNormal(leg.profile.postDialDelaySeconds, 0.35))
  const heard = hear(leg, invite, plan, plus(at, whole(delay)), random)
  const end = plan.early === 'none' ? heard.at : plus(heard.at, whole(waiting(plan, random)))
  if (plan.ending === 'answered') return answer(leg, heard, end, plan, random)
  if (plan.ending === 'cancelled') return cancel(leg, heard, end, plan, random)
  return fail(leg, heard, end, plan, plan.ending, random)
}

const whole = (length: Micros): Micros => micros(Math.round(length))

/** From the first 18x to the end. */
function waiting(plan: Plan, random: Random): Micros {
  if (plan.waitSeconds !== undefined) return seconds(plan.waitSeconds)
  if (plan.early === 'announcement') return seconds(random.between(4, 14))
  if (plan.ending === 'answered') return seconds(2 + Math.min(random.logNormal(6, 0.6), 60))
  if (plan.ending === 'cancelled') return seconds(2 + Math.min(random.logNormal(12, 0.7), 90))
  return seconds(plan.ending === 480 ? random.between(25, 45) : random.between(3, 8))
}

function settled(heard: Heard, end: EpochMicros, plan: Plan, outcome: GeneratedOutcome): Note {
  const earlyMedia = heard.earlyMediaFrom === undefined ? micros(0) : between(heard.earlyMediaFrom, end)
  return { kind: 'attempt', class: classes[plan.early], outcome, earlyMedia }
}

function answer(leg: Leg, heard: Heard, at: EpochMicros, plan: Plan, random: Random): EpochMicros {
  const { invite, tag } = heard
  leg.respond(at, invite, 200, { tag, description: {}, notes: [settled(heard, at, plan, 'answered')] })
  const isLost = leg.isLossy && random.chance(leg.profile.lossRate)
  if (isLost) leg.repeat(millis(500))
  const acknowledged = plus(plus(at, millis(isLost ? 500 : 0)), network(random))
  leg.acknowledge(acknowledged, invite, 200, tag)
  talk(leg, { answered: at, acknowledged, tag }, plan, random)
  return at
}

function cancel(leg: Leg, heard: Heard, at: EpochMicros, plan: Plan, random: Random): EpochMicros {
  const { invite, tag } = heard
  const headers = random.chance(0.5) ? 'Reason: Q.850;cause=16;text="Normal call clearing"\r\n' : ''
  const request = leg.cancel(at, invite, { headers })
  const answered = plus(at, network(random))
  leg.respond(answered, request, 200, { tag })
  const ended = plus(answered, network(random))
  leg.respond(ended, invite, 487, { tag, notes: [settled(heard, ended, plan, 'cancelled')] })
  leg.acknowledge(plus(ended, network(random)), invite, 487, tag)
  return ended
}

const causes: Readonly<Record<number, number>> = {
  404: 1,
  480: 19,
  486: 17,
  503: 34,
  603: 21,
  500: 41,
  403: 21,
  488: 88
}

function fail(leg: Leg, heard: Heard, at: EpochMicros, plan: Plan, status: number, random: Random): EpochMicros {
  const { invite, tag } = heard
  // Behind an announcement the final says nothing, if it says anything at all.
  const cause = plan.early === 'announcement' ? random.pick([31, 127, undefined]) : causes[status]
  const headers =
    (cause === undefined || status < 400 ? '' : `Reason: Q.850;cause=${cause}\r\n`) +
    (status === 503 ? 'Retry-After: 5\r\n' : '') +
    (status === 302 ? `Contact: <sip:${leg.callee.number}@transit.example;user=phone>;q=0.7\r\n` : '')
  leg.respond(at, invite, status, { tag, headers, notes: [settled(heard, at, plan, outcomeOf(status, plan.early))] })
  leg.acknowledge(plus(at, network(random)), invite, status, tag)
  return at
}

/** Of the failures that the mixes have; 480 means another thing once the callee was heard. */
function outcomeOf(status: number, early: Early): GeneratedOutcome {
  if (status === 480) return early === 'none' ? 'unavailable' : 'no_answer'
  const outcomes: Readonly<Record<number, GeneratedOutcome>> = {
    302: 'redirected',
    403: 'rejected',
    404: 'not_found',
    486: 'busy',
    488: 'incompatible',
    500: 'server_error',
    503: 'congestion',
    603: 'declined'
  }
  const outcome = outcomes[status]
  if (outcome === undefined) throw new Error(`a mix ends an attempt with ${status}, whose outcome nobody wrote down`)
  return outcome
}

/** Nobody is there: over UDP the INVITE is sent by timer A until timer B ends it after 32 s (RFC 3261 §17.1.1.2). */
function lose(leg: Leg, at: EpochMicros, opens: Note | undefined): EpochMicros {
  const note: Note = { kind: 'attempt', class: 'none', outcome: 'timeout', earlyMedia: micros(0) }
  leg.request(at, 'INVITE', true, { description: {}, notes: opens ? [opens, note] : [note] })
  if (leg.isLossy) for (const after of [0.5, 1, 2, 4, 8, 16]) leg.repeat(seconds(after))
  return plus(at, seconds(32))
}

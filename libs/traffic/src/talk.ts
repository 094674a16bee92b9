import { between, micros, millis, plus, type EpochMicros, type Micros } from '@earshot/units'
import type { Plan } from './attempt.ts'
import { network } from './early.ts'
import type { Leg, Sent } from './leg.ts'
import type { Random } from './random.ts'
import type { Note } from './truth.ts'

type Act = { readonly at: EpochMicros; readonly method: 'UPDATE' | 'INFO' | 'INVITE' }

type Answered = { readonly answered: EpochMicros; readonly acknowledged: EpochMicros; readonly tag: string }

/** What happens between the ACK and the answer to BYE. */
export function talk(leg: Leg, { answered, acknowledged: start, tag }: Answered, plan: Plan, random: Random): void {
  const length = micros(Math.round(plan.talkSeconds * 1e6))
  for (const act of acts(leg, start, length, random)) play(leg, act, tag, plan, random)
  const end = plus(start, (length + millis(400)) as Micros)
  const headers = 'Reason: Q.850;cause=16;text="Normal call clearing"\r\n'
  const bye = leg.request(end, 'BYE', random.chance(0.6), { tag, headers })
  const over = plus(end, network(random))
  const note: Note = { kind: 'talk', length: between(answered, end), disconnect: between(end, over) }
  leg.respond(over, bye, 200, { tag, notes: [note] })
}

/** In the order of their time, for CSeq counts them; the first UPDATE tells who is connected (RFC 4916). */
function acts(leg: Leg, start: EpochMicros, length: Micros, random: Random): Act[] {
  const { updates, infos, reinvites } = leg.profile
  const times = (mean: number): number => Math.floor(mean) + (random.chance(mean % 1) ? 1 : 0)
  const somewhere = (): EpochMicros => plus(start, micros(Math.round(random.between(0.05, 0.95) * length)))
  const found: Act[] = []
  for (let count = times(updates); count > 0; count--)
    found.push({ at: found.length ? somewhere() : plus(start, millis(80)), method: 'UPDATE' })
  for (let count = times(infos); count > 0; count--) found.push({ at: somewhere(), method: 'INFO' })
  for (let count = times(reinvites); count > 0; count--) found.push({ at: somewhere(), method: 'INVITE' })
  return found.sort((one, other) => one.at - other.at)
}

function play(leg: Leg, act: Act, tag: string, plan: Plan, random: Random): void {
  const answered = plus(act.at, network(random))
  if (act.method === 'INVITE') {
    // Hold: the codecs stay, the direction does not.
    const reinvite = leg.request(act.at, 'INVITE', true, { tag, description: { direction: 'sendonly' } })
    leg.respond(answered, reinvite, 200, { tag, description: { direction: 'recvonly' } })
    leg.acknowledge(plus(answered, network(random)), reinvite, 200, tag)
    return
  }
  const request = leg.request(act.at, act.method, true, { tag })
  const { status, ...sent } = verdict(leg, act, plan)
  leg.respond(answered, request, status, { tag, ...sent })
}

/** Only the peer refuses, and only what it always refuses or what the incident takes away. */
function verdict(leg: Leg, { at, method }: Act, plan: Plan): Sent & { readonly status: number } {
  const from = plan.updateRejectedFrom
  const taken = method === 'UPDATE' && from !== undefined && at >= from ? 501 : undefined
  const code = leg.outbound ? (taken ?? leg.profile.rejects[method]) : undefined
  return code === undefined ? { status: 200 } : { status: code, notes: [{ kind: 'rejection', method, code }] }
}

/** A ping between the two sides of a leg, which stays without a dialog. */
export function ping(leg: Leg, at: EpochMicros, random: Random): void {
  const code = leg.outbound ? leg.profile.rejects.OPTIONS : undefined
  const options = leg.request(at, 'OPTIONS', true)
  const answered = plus(at, network(random))
  const tag = random.hex()
  if (code === undefined) leg.respond(answered, options, 200, { tag })
  else leg.respond(answered, options, code, { tag, notes: [{ kind: 'rejection', method: 'OPTIONS', code }] })
}

/** Half of the calls are shorter than the median; none is longer than half an hour. */
export function holdingSeconds(medianSeconds: number, random: Random): number {
  return Math.min(Math.max(random.logNormal(medianSeconds, 0.9), 1), 1800)
}

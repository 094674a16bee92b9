import { micros, millis, plus, type EpochMicros, type Micros } from '@earshot/units'
import type { Plan } from './attempt.ts'
import type { Leg, Sent, Transaction } from './leg.ts'
import type { Random } from './random.ts'
import type { Note } from './truth.ts'

/** What the caller has heard when the wait for the callee begins. */
export type Heard = {
  readonly invite: Transaction
  readonly tag: string
  readonly at: EpochMicros
  readonly earlyMediaFrom?: EpochMicros
}

export const network = (random: Random): Micros => micros(Math.round(random.between(6_000, 45_000)))

type Invited = { readonly at: EpochMicros; readonly invite: Transaction }

/** INVITE and 100; over UDP now and then with a retransmission by timer A. */
export function invited(
  leg: Leg,
  at: EpochMicros,
  random: Random,
  sent: { headers?: string; note: Note | undefined }
): Invited {
  const invite = leg.request(at, 'INVITE', true, {
    headers: sent.headers ?? '',
    description: {},
    notes: sent.note ? [sent.note] : []
  })
  const isLate = leg.isLossy && random.chance(leg.profile.lossRate)
  if (isLate) leg.repeat(millis(500))
  leg.respond(plus(plus(at, millis(isLate ? 500 : 0)), network(random)), invite, 100)
  return { at, invite }
}

/** Asked for credentials at first: the same attempt goes on with the next CSeq. */
export function challenged(leg: Leg, start: EpochMicros, random: Random, note: Note | undefined): Invited {
  const status = leg.profile.challenge ?? 407
  const [realm, nonce, tag] = [leg.profile.registry.name, random.hex(), random.hex()]
  const { invite } = invited(leg, start, random, { note })
  const at = plus(plus(start, millis(560)), network(random))
  const asking = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'
  const headers = `${asking}: Digest realm="${realm}", nonce="${nonce}", algorithm=MD5, qop="auth"\r\n`
  leg.respond(at, invite, status, { tag, headers })
  const acknowledged = plus(at, network(random))
  leg.acknowledge(acknowledged, invite, status, tag)
  const response = random.hex() + random.hex() + random.hex() + random.hex()
  const credentials =
    `${status === 407 ? 'Proxy-Authorization' : 'Authorization'}: Digest username="trunk", realm="${realm}", ` +
    `nonce="${nonce}", uri="sip:${leg.callee.number}", response="${response}", algorithm=MD5\r\n`
  return invited(leg, plus(acknowledged, network(random)), random, { headers: credentials, note: undefined })
}

/** The 18x of an attempt, the first one at `at`. */
export function hear(leg: Leg, invite: Transaction, plan: Plan, at: EpochMicros, random: Random): Heard {
  const tag = random.hex()
  const withSdp: Sent = { tag, description: {}, notes: [{ kind: '183', withSdp: true }] }
  const withMedia = { invite, tag, at, earlyMediaFrom: at }
  switch (plan.early) {
    case 'none':
      return { invite, tag, at }
    case 'ringing':
      leg.respond(at, invite, 180, { tag })
      return { invite, tag, at }
    case 'ringing_with_sdp':
      leg.respond(at, invite, 180, { tag, description: {} })
      return withMedia
    case 'progress':
      leg.respond(at, invite, 183, { tag, notes: [{ kind: '183', withSdp: false }] })
      if (random.chance(0.5)) leg.respond(plus(at, millis(700)), invite, 180, { tag })
      return { invite, tag, at }
    case 'early_media':
      leg.respond(at, invite, 183, withSdp)
      if (random.chance(0.3)) leg.respond(plus(at, millis(900)), invite, 180, { tag })
      return withMedia
    case 'reliable':
      return hearReliably(leg, invite, withMedia, withSdp, random)
    case 'forked':
      return hearTwo(leg, invite, withMedia, withSdp, random)
    case 'announcement':
      leg.respond(at, invite, 183, { ...withSdp, headers: announced(plan) })
      return withMedia
    case 'vetoed':
      leg.respond(at, invite, 183, { ...withSdp, headers: 'P-Early-Media: inactive\r\n' })
      return { invite, tag, at }
    case 'unusable':
      leg.respond(at, invite, 183, { ...withSdp, description: { codecs: ['G722', 'DTMF'] } })
      return { invite, tag, at }
  }
}

/** The true cause stands in the 183 of the announcement; the final behind it has a useless one. */
function announced(plan: Plan): string {
  const [cause, text] =
    plan.ending === 404
      ? [1, 'Unallocated number']
      : plan.ending === 503
        ? [34, 'No circuit/channel available']
        : [20, 'Subscriber absent']
  return `Reason: Q.850;cause=${cause};text="${text}"\r\n`
}

/** RFC 3262; a caller that does not support it gets the response unreliably. */
function hearReliably(leg: Leg, invite: Transaction, heard: Heard, withSdp: Sent, random: Random): Heard {
  const { at, tag } = heard
  if (!leg.caller.equipment.supported.includes('100rel')) {
    leg.respond(at, invite, 183, withSdp)
    return heard
  }
  const number = 1 + (random.word() % 90_000)
  leg.respond(at, invite, 183, { ...withSdp, headers: `Require: 100rel\r\nRSeq: ${number}\r\n` })
  const isLost = leg.isLossy && random.chance(leg.profile.lossRate)
  if (isLost) leg.repeat(millis(500))
  const asked = plus(plus(at, millis(isLost ? 500 : 0)), network(random))
  const headers = `RAck: ${number} ${invite.cseq} INVITE\r\n`
  const prack = leg.request(asked, 'PRACK', true, { tag, headers })
  leg.respond(plus(asked, network(random)), prack, 200, { tag })
  return heard
}

/** Forked behind the responder: a second early dialog, which will be the one that goes on. */
function hearTwo(leg: Leg, invite: Transaction, heard: Heard, withSdp: Sent, random: Random): Heard {
  leg.respond(heard.at, invite, 183, withSdp)
  const second = { ...heard, tag: random.hex(), at: plus(heard.at, micros(Math.round(random.between(1e6, 3e6)))) }
  leg.respond(second.at, invite, 183, { ...withSdp, tag: second.tag })
  return second
}

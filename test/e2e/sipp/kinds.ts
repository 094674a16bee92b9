import type { CancelKind, EarlyClass, Outcome } from '@earshot/calls'

/** What an attempt of this kind is on one leg. */
export type Attempt = {
  readonly class: EarlyClass
  readonly outcome: Outcome
  readonly status: number
  readonly cancel?: CancelKind
  readonly flags?: readonly string[]
}

export type Leg = { readonly script: string; readonly attempt: Attempt }

/** A kind of call: what both ends do, in the words of scenario.ts, and what their legs are by the contract. */
export type Kind = {
  readonly name: string
  readonly calls: number
  readonly caller: Leg
  readonly callee: Leg
  /** Where the proxy sends the INVITE as well. */
  readonly fork?: Leg
}

const answered = '<200, ACK, 100ms, BYE, <200'
const earlyMedia = { class: 'early_media', outcome: 'answered', status: 200 } as const
const both = (attempt: Attempt, caller: string, callee: string): Pick<Kind, 'caller' | 'callee'> => ({
  caller: { script: caller, attempt },
  callee: { script: callee, attempt }
})

export const kinds: readonly Kind[] = [
  {
    name: 'answered',
    calls: 11,
    ...both(earlyMedia, `INVITE +S, <100?, <183, ${answered}`, '<INVITE, 183 +S, 300ms, 200 +S, <ACK, <BYE, 200 BYE')
  },
  {
    name: 'busy',
    calls: 12,
    ...both(
      { class: 'early_media', outcome: 'busy', status: 486 },
      'INVITE +S, <100?, <183, <486, ACK',
      '<INVITE, 183 +S, 300ms, 486, <ACK'
    )
  },
  {
    name: 'cancelled',
    calls: 13,
    ...both(
      { class: 'early_media', outcome: 'cancelled', status: 487, cancel: 'caller' },
      'INVITE +S, <100?, <183, 300ms, CANCEL, <200, <487, ACK',
      '<INVITE, 183 +S, <CANCEL, 200 CANCEL, 487, <ACK'
    )
  },
  {
    // Kamailio does not pass a 503 on (RFC 3261 §16.7, step 6): the caller has another status than the callee gave.
    name: 'congested',
    calls: 14,
    caller: {
      script: 'INVITE +S, <100?, <183, <500, ACK',
      attempt: { class: 'early_media', outcome: 'server_error', status: 500 }
    },
    callee: {
      script: '<INVITE, 183 +S, 300ms, 503, <ACK',
      attempt: { class: 'early_media', outcome: 'congestion', status: 503 }
    }
  },
  {
    name: '183-without-description',
    calls: 15,
    ...both(
      { class: 'progress', outcome: 'answered', status: 200 },
      `INVITE +S, <100?, <183, ${answered}`,
      '<INVITE, 183, 300ms, 200 +S, <ACK, <BYE, 200 BYE'
    )
  },
  {
    name: '180-with-description',
    calls: 16,
    ...both(earlyMedia, `INVITE +S, <100?, <180, ${answered}`, '<INVITE, 180 +S, 300ms, 200 +S, <ACK, <BYE, 200 BYE')
  },
  {
    name: 'reliable-183',
    calls: 17,
    ...both(
      earlyMedia,
      `INVITE +S, <100?, <183, PRACK, <200, ${answered}`,
      '<INVITE, 183 +S 100rel, <PRACK, 200 PRACK, 300ms, 200, <ACK, <BYE, 200 BYE'
    )
  },
  {
    // One attempt of the caller, but one of each callee: the early media of the one that lost is the caller's too.
    name: 'forked',
    calls: 18,
    caller: {
      script: `INVITE +S, <100?, <183?, <180?, ${answered}`,
      attempt: { ...earlyMedia, flags: ['fork_lost'] }
    },
    callee: {
      script: '<INVITE, 180, 500ms, 200 +S, <ACK, <BYE, 200 BYE',
      attempt: { class: 'ringing', outcome: 'answered', status: 200 }
    },
    fork: {
      script: '<INVITE, 183 +S, <CANCEL, 200 CANCEL, 487, <ACK',
      attempt: { class: 'early_media', outcome: 'cancelled', status: 487, cancel: 'elsewhere' }
    }
  },
  {
    name: 'info-refused',
    calls: 19,
    ...both(
      { class: 'ringing', outcome: 'answered', status: 200 },
      'INVITE +S, <100?, <180, <200, ACK, 100ms, INFO, <501, BYE, <200',
      '<INVITE, 180, 100ms, 200 +S, <ACK, <INFO, 501 INFO, <BYE, 200 BYE'
    )
  }
]

import type { Alert } from './alert.ts'

type Impact = { readonly severity: Alert['severity']; readonly text: string }

/** What fails without a method, and what to do meanwhile (MC-11). */
const impacts: Readonly<Record<string, Impact>> = {
  PRACK: {
    severity: 'critical',
    text: 'Reliable provisional responses fail (RFC 3262): calls with 100rel end before they ring. Stop offering 100rel to this peer until it takes PRACK again.'
  },
  UPDATE: {
    severity: 'critical',
    text: 'Session timers that refresh by UPDATE end calls, and changes of direction before the answer fail (RFC 4028, RFC 3311). Use re-INVITE to refresh and leave UPDATE out towards this peer.'
  },
  BYE: {
    severity: 'critical',
    text: 'Calls are not ended at the peer and go on being billed. Stop routing there until it is mended.'
  },
  INFO: {
    severity: 'warning',
    text: 'DTMF and other information in INFO is lost (RFC 6086). Use telephone events in RTP (RFC 4733).'
  },
  REFER: { severity: 'warning', text: 'Transfers fail (RFC 3515). Let the own side do them by re-INVITE.' },
  OPTIONS: {
    severity: 'warning',
    text: 'Pings are rejected: whoever takes that for a dead peer stops routing to it. Check what the pinging side does with 405 and 501.'
  },
  REGISTER: { severity: 'critical', text: 'Registrations fail: calls to what registers there end when they expire.' },
  SUBSCRIBE: { severity: 'warning', text: 'Subscriptions (presence, message waiting) fail (RFC 6665).' },
  NOTIFY: { severity: 'warning', text: 'Notifications (transfer progress, message waiting) are lost (RFC 6665).' },
  MESSAGE: { severity: 'warning', text: 'Text messages are not delivered (RFC 3428).' },
  PUBLISH: { severity: 'warning', text: 'States that are published are lost (RFC 3903).' }
}

const unknownImpact: Impact = {
  severity: 'warning',
  text: 'Whatever uses this method towards the peer fails. Stop using it there, or ask the peer what has changed.'
}

export const impactOf = (method: string): Impact => impacts[method] ?? unknownImpact

/** What the peer lists now, and what it does not list any more. */
export type AllowDifference = { readonly now: readonly string[]; readonly lost: readonly string[] }

export function adviceOf(method: string, allow: AllowDifference | undefined): string {
  const { text } = impactOf(method)
  if (!allow) return `${text} The peer has sent no Allow.`
  const lists = `Its last Allow lists ${allow.now.length === 0 ? 'nothing' : allow.now.join(', ')}`
  const lost = allow.lost.length > 0 ? `; before that also ${allow.lost.join(', ')}` : ''
  const still = allow.now.includes(method) ? `; so it still advertises what it rejects` : ''
  return `${text} ${lists}${lost || still}.`
}

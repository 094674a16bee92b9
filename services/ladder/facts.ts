import { causeText, isRejection } from '@earshot/calls'
import { mediaOf, type MediaLine, type SipMessage } from '@earshot/sip'

/** Longer than a real fact. */
const LONGEST = 200

/** `INVITE`, `183`, `200 PRACK`. */
export function labelOf({ isRequest, method, status, cseqMethod, toTag }: SipMessage): string {
  if (isRequest) return method === 'INVITE' && toTag !== '' ? 're-INVITE' : method
  return cseqMethod === 'INVITE' ? String(status) : `${status} ${cseqMethod}`
}

/** What of a message decides whether the caller can hear something, in a few words each. */
export function factsOf(message: SipMessage): string[] {
  const { description, rseq, rack, pEarlyMedia, status } = message
  const facts = [
    ...(description ? [`+SDP ${mediaText(mediaOf(description))}`] : []),
    ...(rseq === undefined ? [] : [`RSeq ${rseq}`]),
    ...(rack === undefined ? [] : [`RAck ${rack.rseq}`]),
    ...(pEarlyMedia === undefined ? [] : [`P-Early-Media ${pEarlyMedia}`]),
    ...message.reasons.map(({ protocol, cause, text }) => reasonText(protocol, cause, text)),
    ...(isRejection(status) ? [`Allow ${message.allow?.join(' ') ?? 'missing'}`] : [])
  ]
  return facts.map(fact => (fact.length > LONGEST ? `${fact.slice(0, LONGEST)}…` : fact))
}

function reasonText(protocol: string, cause: number, text: string): string {
  const what = protocol === 'q.850' ? causeText(cause) : `${cause}${text ? ` (${text})` : ''}`
  return `Reason ${protocol.toUpperCase()} ${what}`
}

function mediaText(media: readonly MediaLine[] | undefined): string {
  if (!media) return 'unreadable'
  return media.length === 0 ? 'without media' : media.map(lineText).join('; ')
}

function lineText({ kind, profile, open, direction, held, codecs, unmet }: MediaLine): string {
  const words = [
    ...(kind === 'audio' ? [] : [kind]),
    ...(open ? [direction] : ['port 0']),
    ...(profile === 'RTP/AVP' ? [] : [profile]),
    ...(held ? ['held'] : []),
    codecs.map(codec => codec.replace(/\/8000$/, '')).join(','),
    ...unmet.map(way => `precondition ${way}`)
  ]
  return words.filter(word => word !== '').join(' ')
}

import { causeText, type AttemptRecord, type JoinedLeg, type LegsRecord } from '@earshot/calls'
import type { PeerRow } from '@earshot/peers'
import { otherLegs } from '../attempt-row.ts'
import { printable } from '../printable.ts'
import { sdpMissingText } from './sdp-missing.ts'

/** What became of an attempt, what to check, and its causes by name; a line each, of any length. */
export function verdictLines(record: AttemptRecord, peers: readonly PeerRow[]): string[] {
  const lines = [
    endText(record),
    earlyText(record),
    record.diagnosis?.text ?? '',
    sdpMissingText(record, peers),
    causesText(record),
    mappingText(record)
  ]
  return lines.filter(line => line !== '').map(printable)
}

/** The other legs of a call that has several, and on which early media got lost; a line each. */
export function legsLines(record: AttemptRecord, legs: LegsRecord | undefined): string[] {
  if (!legs) return []
  const faults = legs.faults.map(({ attempt, codes, ...leg }) => {
    const where = attempt === record.id ? 'this leg' : `the leg ${wayOf(leg)}, Call-ID ${leg.callId}`
    return `early media got lost on ${where}: ${codes.join(', ')}`
  })
  return [...otherLegs(record, legs).map(legText), ...faults].map(printable)
}

function legText({ callId, outcome, status, class: early, ...leg }: JoinedLeg): string {
  return `other leg ${wayOf(leg)}: ${early}, ${outcome}${status ? ` ${status}` : ''}, Call-ID ${callId}`
}

const wayOf = ({ direction, peer }: Pick<JoinedLeg, 'direction' | 'peer'>): string =>
  direction === 'inbound' ? `from ${peer}` : `to ${peer}`

const secondsText = (seconds: number): string => `${seconds.toFixed(3)} s`

function endText(record: AttemptRecord): string {
  const { peer, direction, responder, outcome, status, cancel, startedAt, endedAt, retries } = record
  const way = direction === 'inbound' ? `from ${peer} to ${responder}` : `to ${peer}`
  const by = cancel === undefined ? '' : ` (${cancel})`
  const after = outcome === 'open' ? '' : ` after ${secondsText((endedAt - startedAt) / 1e6)}`
  const before = retries.length > 0 ? `, tried again after ${retries.join(', ')}` : ''
  return `${direction} ${way}: ${outcome}${by}${status ? ` ${status}` : ''}${after}${before}`
}

function earlyText(record: AttemptRecord): string {
  const { earlyMediaSeconds, responses183, announcement, mediaEvidence, flags, timeToEarlyMedia, ringSeconds } = record
  const { withSdp, withoutSdp } = responses183
  const parts = [
    `class ${record.class}${earlyMediaSeconds > 0 ? ` for ${secondsText(earlyMediaSeconds)}` : ''}`,
    ...(timeToEarlyMedia === undefined ? [] : [`it could play after ${secondsText(timeToEarlyMedia)}`]),
    ...(ringSeconds === undefined ? [] : [`rang for ${secondsText(ringSeconds)}`]),
    ...(withSdp + withoutSdp > 0 ? [`183s with SDP ${withSdp}, without ${withoutSdp}`] : []),
    ...(announcement === undefined ? [] : [`announcement ${announcement}`]),
    ...(mediaEvidence === undefined ? [] : [`media ${mediaEvidence}`]),
    ...(flags.length > 0 ? [`flags ${flags.join(', ')}`] : [])
  ]
  return parts.join('; ')
}

function causesText({ earlyCause, cancelCause, finalCause, effectiveCause }: AttemptRecord): string {
  const causes = [
    ['early', earlyCause],
    ['of the CANCEL', cancelCause],
    ['final', finalCause],
    ['effective', effectiveCause]
  ] as const
  const known = causes.flatMap(([name, cause]) => (cause === undefined ? [] : [`${name} ${causeText(cause)}`]))
  return known.length > 0 ? `Q.850 causes: ${known.join(', ')}` : ''
}

function mappingText({ causeMapping, finalCause, responder, status }: AttemptRecord): string {
  if (!causeMapping) return ''
  const sent = causeMapping.followed ? `and ${responder} sent ${status}` : `${responder} sent ${status} instead`
  return `RFC 3398: cause ${finalCause} maps to ${causeMapping.status}, ${sent}`
}

import { epochMicros, type EpochMicros } from '@earshot/units'
import { alertId } from '../alert-id.ts'
import type { Alert } from '../alert.ts'
import { MICROS_OF_MINUTE, TICKS } from './calendar.ts'
import { ATTEMPTS, POST_DIAL_DELAY, type Signal } from './signals.ts'
import type { SubjectName } from './subject.ts'
import type { Finding } from './watch.ts'

/** Beyond these factors it is critical. */
const CRITICAL = { spike: 5, drop: 0.25 }

/** The alert of a finding. Equal findings give equal alerts, with the same id. */
export function alertOf(
  subject: SubjectName,
  signal: Signal,
  finding: Finding,
  times: { readonly raisedAt: EpochMicros; readonly endedAt?: EpochMicros }
): Alert {
  const { kind, factor } = finding
  const { name, direction } = subject
  const isCritical = kind === 'absence' || (kind === 'spike' ? factor >= CRITICAL.spike : factor <= CRITICAL.drop)
  const startedAt = epochMicros(finding.from * MICROS_OF_MINUTE)
  return {
    // Of the two directions of a peer each has its own.
    id: alertId({ kind, peer: name, signal: `${direction} ${signal.name}`, startedAt }),
    kind,
    peer: name,
    ...(direction === 'agent' && { agent: name }),
    signal: signal.name,
    severity: isCritical ? 'critical' : 'warning',
    startedAt,
    ...times,
    summary: summaryOf(subject, signal, finding),
    evidence: evidenceOf(direction, signal, finding),
    advice: adviceOf(signal, kind),
    runbook: kind
  }
}

function summaryOf({ name, direction }: SubjectName, signal: Signal, finding: Finding): string {
  const { events, trials, expected } = finding
  const of = signal.isShare ? ` of ${trials}` : ''
  const who = direction === 'agent' ? `Agent ${name}` : `${name} (${direction})`
  return `${who}: ${events}${of} ${nounOf(signal)} in ${spanOf(finding)}, ${inWords(expected)} were to be expected.`
}

function spanOf(finding: Finding): string {
  const minutes = minutesOf(finding)
  if (minutes === 1) return 'a minute'
  return Number.isInteger(minutes) ? `${minutes} minutes` : `${Math.round(60 * minutes)} seconds`
}

/** How much of the stretch was over. */
const minutesOf = ({ window, ticks = TICKS, seconds }: Finding): number =>
  seconds === undefined ? window - 1 + ticks / TICKS : seconds / 60

const nounOf = ({ name, noun }: Signal): string => (name === POST_DIAL_DELAY ? `${noun} (post-dial delay)` : noun)

function evidenceOf(direction: string, signal: Signal, finding: Finding): Alert['evidence'] {
  const { events, trials, expected, factor, chance } = finding
  return {
    direction,
    windowMinutes: Number(minutesOf(finding).toPrecision(3)),
    events,
    ...(signal.isShare && { trials }),
    expected: Number(expected.toPrecision(3)),
    ...(Number.isFinite(factor) && { factor: Number(factor.toPrecision(3)) }),
    probability: Number(chance.toPrecision(2)),
    ...(signal.slowSeconds !== undefined && { slowAfterSeconds: signal.slowSeconds })
  }
}

const advice: Readonly<Record<string, string>> = {
  [ATTEMPTS]: 'See whether the calls come from or go to few numbers, and what the limits on calls per second do.',
  packets: 'See whether the agent runs, whether its network does, and whether its packets are refused (/api/agents).',
  rejections_501: 'See which methods are rejected; ask the peer what it changed.',
  asr: 'Look at the finals and Q.850 causes of the calls that failed since then; take the route out if they are the peer’s.',
  early_media: 'Call through this peer and listen; compare its 183 with an earlier one.',
  early_media_asr:
    'Look at the causes of the calls that failed after early media: announcements carry them in the 183.',
  early_media_failures:
    'Look at the causes of the calls that failed after early media, and which numbers they went to.',
  [POST_DIAL_DELAY]: 'See whether single destinations are slow or all of them, and whether INVITEs are retransmitted.'
}

function adviceOf({ name }: Signal, kind: Finding['kind']): string {
  if (kind === 'absence' && name === ATTEMPTS) {
    return 'See whether others have these calls now, whether OPTIONS are answered, and whether the agents are heard.'
  }
  return advice[name] ?? 'Compare what both sides describe in a call since then: its diagnosis says what does not fit.'
}

/** Four digits at most. */
const inWords = (expected: number): string =>
  expected >= 100 ? expected.toFixed(0) : String(Number(expected.toPrecision(2)))

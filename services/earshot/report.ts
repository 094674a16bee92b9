import Table from 'cli-table3'
import type { CaptureCounters } from '@earshot/capture'
import { cannotPlay, outcomes, type AttemptRecord, type Outcome } from '@earshot/calls'
import type { PeerRow } from '@earshot/peers'
import { isoTime } from '../attempt-row.ts'
import type { Summary } from './analysis.ts'
import { figureTable } from './figure-table.ts'
import { printable } from '../printable.ts'

/** One attempt on one line; where its early media could not play or none came, what to check on a second one. */
export function attemptLine(record: AttemptRecord): string {
  const { startedAt, callId, peer, direction, outcome, status, earlyMediaSeconds, flags } = record
  const early = earlyMediaSeconds > 0 ? `${record.class} ${earlyMediaSeconds.toFixed(3)} s` : record.class
  const line = printable(
    [
      isoTime(startedAt),
      direction === 'inbound' ? `from ${peer}` : `to ${peer}`,
      early,
      `${outcome}${status ? ` ${status}` : ''}`,
      ...(record.effectiveCause === undefined ? [] : [`Q.850 ${record.effectiveCause}`]),
      ...flags,
      callId
    ].join('  ')
  )
  const asks = cannotPlay(record) || flags.includes('silence_risk')
  return asks && record.diagnosis ? `${line}\n    ${printable(record.diagnosis.text)}` : line
}

/** The figures of all peers, for people. */
export function summaryText({ messages, calls, peers, groups }: Omit<Summary, 'alerts'>): string {
  const notes = Object.entries(messages)
    .filter(([kind, count]) => kind !== 'sip' && count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
  const head = `${messages.sip} SIP messages${notes.length > 0 ? ` (${notes.join(', ')})` : ''}, ${calls} calls`
  if (peers.length === 0) return `${head}, no call attempts and no rejections\n`
  return `\n${peerTable(peers)}\n${figureTable(peers, groups)}\n${head}\n`
}

/** What is not as it was, each on a line. */
export const alertsText = (alerts: Summary['alerts']): string =>
  alerts
    .map(({ severity, summary, endedAt, advice }) =>
      endedAt === undefined
        ? `${severity}: ${printable(summary)}\n    ${printable(advice)}\n`
        : `over at ${endedAt}: ${printable(summary)}\n`
    )
    .join('')

/** One line of what is in captures that was not read as SIP for want of something; nothing where nothing lacked. */
export function leftOutText(counters: readonly CaptureCounters[]): string {
  const sum = (name: 'esp' | 'fragmentsLost' | 'tcpGaps' | 'snapped' | 'sctpFragments' | 'unsupportedLink'): number =>
    counters.reduce((total, each) => total + each[name], 0)
  const parts = [
    [sum('esp'), 'encrypted packets (ESP)'],
    [sum('fragmentsLost'), 'IP packets with fragments missing'],
    [sum('tcpGaps'), 'gaps in TCP streams'],
    [sum('sctpFragments'), 'parts of SCTP messages'],
    [sum('snapped'), 'packets cut by the snap length'],
    [sum('unsupportedLink'), 'packets of a link type that is not read'],
    [counters.reduce((total, { bad }) => total + Object.values(bad).reduce((a, b) => a + b, 0), 0), 'damaged packets']
  ] as const
  const met = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return met.length > 0 ? `not read: ${met.join(', ')}\n` : ''
}

/** The outcomes that people ask for; the rest is told by the lines above, or with --json. */
const columns: readonly { readonly head: string; readonly outcomes: readonly Outcome[] }[] = [
  { head: 'answered', outcomes: ['answered'] },
  { head: 'busy', outcomes: ['busy'] },
  { head: 'no answer', outcomes: ['no_answer'] },
  { head: 'cancelled', outcomes: ['cancelled'] },
  {
    head: 'failed',
    outcomes: outcomes.filter(outcome => !['answered', 'busy', 'no_answer', 'cancelled', 'open'].includes(outcome))
  },
  { head: 'open', outcomes: ['open'] }
]

function peerTable(peers: readonly PeerRow[]): string {
  const table = new Table({
    head: [
      'peer',
      '',
      'attempts',
      ...columns.map(({ head }) => head),
      'early media',
      'seconds',
      '183 ±SDP',
      'rejections'
    ],
    colAligns: ['left', 'left', ...Array<'right'>(columns.length + 4).fill('right'), 'left'],
    style: { head: [], border: [], compact: true }
  })
  for (const row of peers) {
    table.push(cells(row))
    const doubts = doubtsText(row)
    if (doubts !== '') table.push(['', { colSpan: columns.length + 6, content: doubts }])
  }
  return table.toString()
}

const MOST_DIAGNOSES = 3

/** What was diagnosed most, and whether finals have the status that their causes map to. */
function doubtsText({ diagnoses, causeMapping: { followed, notFollowed } }: PeerRow): string {
  const top = diagnoses.slice(0, MOST_DIAGNOSES).map(({ code, attempts }) => `${code}: ${attempts}`)
  const more = diagnoses.length > MOST_DIAGNOSES ? [`${diagnoses.length - MOST_DIAGNOSES} more`] : []
  const mapping = notFollowed > 0 ? [`RFC 3398 not followed: ${notFollowed} of ${followed + notFollowed}`] : []
  return [...top, ...more, ...mapping].join(', ')
}

function cells(row: PeerRow): string[] {
  const { earlyMedia, responses183 } = row
  const sums = columns.map(column => column.outcomes.reduce((sum, outcome) => sum + (row.outcomes[outcome] ?? 0), 0))
  return [
    printable(row.peer),
    row.direction,
    String(row.attempts),
    ...sums.map(sum => String(sum || '')),
    String(earlyMedia.attempts || ''),
    earlyMedia.attempts > 0 ? earlyMedia.seconds.toFixed(1) : '',
    responses183.withSdp + responses183.withoutSdp > 0 ? `${responses183.withSdp}/${responses183.withoutSdp}` : '',
    row.rejections.map(({ method, code, transactions }) => `${printable(method)} ${code}: ${transactions}`).join(', ')
  ]
}

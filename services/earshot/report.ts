import Table from 'cli-table3'
import { outcomes, type AttemptRecord, type Outcome } from '@earshot/calls'
import type { PeerRow } from '@earshot/peers'
import { isoTime, type Summary } from './analysis.ts'

/** One attempt on one line. */
export function attemptLine(record: AttemptRecord): string {
  const { startedAt, callId, peer, direction, outcome, status, earlyMediaSeconds, flags } = record
  const early = earlyMediaSeconds > 0 ? `${record.class} ${earlyMediaSeconds.toFixed(3)} s` : record.class
  return printable(
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
}

/** The figures of all peers, for people. */
export function summaryText({ messages, calls, peers }: Summary): string {
  const notes = Object.entries(messages)
    .filter(([kind, count]) => kind !== 'sip' && count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
  const head = `${messages.sip} SIP messages${notes.length > 0 ? ` (${notes.join(', ')})` : ''}, ${calls} calls`
  if (peers.length === 0) return `${head}, no call attempts and no rejections\n`
  return `\n${peerTable(peers)}\n${head}\n`
}

function peerTable(peers: readonly PeerRow[]): string {
  const seen = outcomes.filter(outcome => peers.some(row => row.outcomes[outcome]))
  const table = new Table({
    head: ['peer', '', 'attempts', ...seen, 'early media', 'answered after', 'seconds', '183 +/- SDP', 'rejections'],
    colAligns: ['left', 'left', ...Array<'right'>(seen.length + 5).fill('right'), 'left'],
    style: { head: [], border: [], compact: true }
  })
  for (const row of peers) table.push(cells(row, seen))
  return table.toString()
}

function cells(row: PeerRow, seen: readonly Outcome[]): string[] {
  const { earlyMedia, responses183 } = row
  const judged = earlyMedia.attempts - (earlyMedia.outcomes.open ?? 0)
  return [
    printable(row.peer),
    row.direction,
    String(row.attempts),
    ...seen.map(outcome => String(row.outcomes[outcome] ?? '')),
    String(earlyMedia.attempts || ''),
    judged > 0 ? `${((100 * (earlyMedia.outcomes.answered ?? 0)) / judged).toFixed(1)} %` : '',
    earlyMedia.attempts > 0 ? earlyMedia.seconds.toFixed(1) : '',
    responses183.withSdp + responses183.withoutSdp > 0 ? `${responses183.withSdp}/${responses183.withoutSdp}` : '',
    row.rejections.map(({ method, code, transactions }) => `${printable(method)} ${code}: ${transactions}`).join(', ')
  ]
}

/** Text from the wire, without what a terminal would act on. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '\u{fffd}')

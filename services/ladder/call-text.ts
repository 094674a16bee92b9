import type { AttemptRecord, LegsRecord, Parties } from '@earshot/calls'
import type { PeerRow } from '@earshot/peers'
import { printable } from '../printable.ts'
import { ladderLines, type Paint } from './drawing.ts'
import { ladderOf, type Marks, type Step } from './ladder.ts'
import { cut } from './picture.ts'
import { legsLines, verdictLines } from './verdict.ts'
import { wrapped } from './wrap.ts'

/** What is known of one call. */
export type CallMessages = {
  /** In event order. */
  readonly steps: readonly Step[]
  /** Packets of the call beyond those that are kept. */
  readonly left: number
  readonly records: readonly AttemptRecord[]
}

type TextOptions = { readonly parties: Parties; readonly width: number; readonly paint: Paint }

export const marksOf = (records: readonly AttemptRecord[]): Marks => ({
  spans: records.flatMap(({ earlyMediaSpans = [] }) => earlyMediaSpans),
  atFault: records.flatMap(({ atFault = [] }) => atFault)
})

/** What the records around a call tell of it. */
export type Surroundings = {
  /** Tell what is usual. */
  readonly peers: readonly PeerRow[]
  /** The legs of an attempt's call, if it has several. */
  readonly legsOf: (record: AttemptRecord) => LegsRecord | undefined
}

/** The drawing of a call, and below it what became of it. */
export function callLines(
  callId: string,
  { steps, left, records }: CallMessages,
  { peers, legsOf }: Surroundings,
  { parties, width, paint }: TextOptions
): string[] {
  const marks = marksOf(records)
  return [
    paint('bold', cut(printable(callId), width)),
    '',
    ...(steps.length > 0 ? ladderLines(ladderOf(steps, marks, parties), { width, paint }) : ['no message is kept']),
    ...(left > 0 ? [`${left} more packets of this call are not shown`] : []),
    ...legendLines(marks, { width, paint }),
    ...records.flatMap(record => [
      '',
      ...[...verdictLines(record, peers), ...legsLines(record, legsOf(record))].flatMap(line => wrapped(line, width))
    ]),
    ...(records.length === 0 ? ['', 'no call attempt: no initial INVITE was seen'] : [])
  ]
}

function legendLines({ spans, atFault }: Marks, { width, paint }: Pick<TextOptions, 'width' | 'paint'>): string[] {
  const codes = [...new Set(atFault.map(({ code }) => code))]
  const parts = [
    ...(spans.length > 0 ? ['┃ early media can play'] : []),
    ...(codes.length > 0 ? [`✗ ${codes.join(', ')}`] : [])
  ]
  const lines = wrapped(parts.join('   '), width)
  if (lines.length > 0) lines.unshift('')
  return lines.map(line => line.replace('┃', bar => paint('early', bar)).replace('✗', sign => paint('fault', sign)))
}

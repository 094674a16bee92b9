import { isDeepStrictEqual } from 'node:util'
import type { AttemptRecord, CallEndRecord, Direction, RejectionRecord } from '@earshot/calls'
import { addAttempt, addEnd, addRejection, addSums, noSums, type Sums } from '@earshot/peers'
import { epochMicros, type EpochMicros } from '@earshot/units'
import {
  everyPeer,
  phases,
  stepSeconds,
  type Occupancy,
  type Phase,
  type SeriesQuery,
  type SeriesRow,
  type Side
} from './series.ts'
import type { Batch } from './store.ts'

/* Series as whoever looks at every record for each of their steps would make them. */

const sides = ['both', 'inbound', 'internal', 'outbound'] as const

type Stay = { readonly from: number; readonly to: number; readonly phase: Phase }

type Known = Pick<Required<Batch>, 'attempts' | 'callEnds' | 'rejections'>

export function expectedSeries(all: Known, { from, to, step, peers }: SeriesQuery): SeriesRow[] {
  const length = stepSeconds[step] * 1e6
  const rows: SeriesRow[] = []
  for (let at = Math.floor(from / length) * length; at < Math.floor(to / length) * length; at += length) {
    for (const peer of [...(peers ?? [everyPeer])].sort()) {
      for (const side of sides) rows.push(...rowOf(ofSide(all, peer, side), { peer, side, at, end: at + length }))
    }
  }
  return rows
}

function rowOf(
  own: Known,
  { peer, side, at, end }: { peer: string; side: Side; at: number; end: number }
): SeriesRow[] {
  const stays = staysIn(own)
  const concurrent = Object.fromEntries(phases.map(phase => [phase, occupancy(stays, phase, at, end)])) as Record<
    Phase,
    Occupancy
  >
  const sums = noSums(peer, side === 'both' ? 'outbound' : side)
  for (const each of sumsOfRecords(own, time => time >= at && time < end)) addSums(sums, each)
  const moves = stays.some(({ from, to }) => isIn(from, at, end) || isIn(to, at, end))
  if (isNothing(sums) && !moves && concurrent.total.peak === 0) return []
  const starts = own.attempts.map(({ startedAt }) => startedAt).filter(time => isIn(time, at, end))
  return [{ at: epochMicros(at), peer, direction: side, sums, busySecond: busiest(starts), concurrent }]
}

function ofSide({ attempts, callEnds, rejections }: Known, peer: string, side: Side): Known {
  const isOwn = (row: { readonly peer: string; readonly direction: Direction }): boolean =>
    (peer === everyPeer || row.peer === peer) &&
    (side === 'both' ? row.direction !== 'internal' : row.direction === side)
  return { attempts: attempts.filter(isOwn), callEnds: callEnds.filter(isOwn), rejections: rejections.filter(isOwn) }
}

function staysIn({ attempts, callEnds }: Known): Stay[] {
  const ends = new Map(callEnds.map(({ id, endedAt }) => [id, endedAt]))
  return attempts.flatMap(({ id, startedAt, endedAt, earlyMediaSpans = [], outcome }): Stay[] => {
    const edges = [startedAt, ...earlyMediaSpans.flat(), endedAt]
    const stays = edges.slice(1).map((to, index): Stay => {
      return { from: edges[index]!, to, phase: index % 2 === 0 ? 'setup' : 'earlyMedia' }
    })
    if (outcome === 'answered') stays.push({ from: endedAt, to: ends.get(id) ?? Infinity, phase: 'established' })
    return stays
  })
}

function occupancy(stays: readonly Stay[], phase: Phase, at: number, end: number): Occupancy {
  const own = stays.filter(each => phase === 'total' || each.phase === phase)
  const underWay = (time: number): number => own.filter(({ from, to }) => from <= time && time < to).length
  const before = own.filter(({ from, to }) => from < at && at <= to).length
  const times = own.map(({ from }) => from).filter(time => isIn(time, at, end))
  const micros = own.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, at)), 0)
  return { peak: Math.max(before, ...times.map(underWay)), seconds: micros / 1e6 }
}

function busiest(starts: readonly EpochMicros[]): SeriesRow['busySecond'] {
  const seconds = Map.groupBy(starts, at => Math.floor(at / 1e6))
  const [first] = [...seconds].sort(([a, own], [b, others]) => others.length - own.length || a - b)
  return first ? { attempts: first[1].length, at: epochMicros(first[0] * 1e6) } : null
}

/** Of records whose time is asked for, per peer and direction. */
export function sumsOfRecords({ attempts, callEnds, rejections }: Known, isAsked: (at: number) => boolean): Sums[] {
  const all = new Map<string, Sums>()
  const of = ({ peer, direction }: AttemptRecord | CallEndRecord | RejectionRecord): Sums => {
    const name = `${peer} ${direction}`
    const sums = all.get(name) ?? noSums(peer, direction)
    all.set(name, sums)
    return sums
  }
  for (const each of attempts) if (isAsked(each.startedAt)) addAttempt(of(each), each, 1)
  for (const each of callEnds) if (isAsked(each.endedAt)) addEnd(of(each), each)
  for (const each of rejections) if (isAsked(each.at)) addRejection(of(each), each)
  return [...all.values()]
}

export const isNothing = (sums: Sums): boolean => isDeepStrictEqual(sums, noSums(sums.peer, sums.direction))

const isIn = (time: number, at: number, end: number): boolean => time >= at && time < end

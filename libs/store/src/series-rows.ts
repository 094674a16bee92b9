import type { Direction } from '@earshot/calls'
import { noSums } from '@earshot/peers'
import { epochMicros } from '@earshot/units'
import { noFlow } from './loads.ts'
import { ownPhases } from './moments.ts'
import { loadOf, sumsOf, type Rollup } from './rollup.ts'
import {
  mostSteps,
  phases,
  stepSeconds,
  type Phase,
  type SeriesQuery,
  type SeriesRow,
  type Side,
  type Step
} from './series.ts'

const directions = ['inbound', 'internal', 'outbound'] as const satisfies readonly Direction[]
const sides: readonly Side[] = ['both', ...directions]

/** Each phase of each direction. */
const cells = directions.flatMap(direction => ownPhases.map(phase => ({ direction, phase })))

/** How many calls are under way, by direction and phase, in the order of `netColumns`. */
export type Nets = readonly number[]

/** What a store keeps of a rollup as numbers, to be summed over all steps before another. */
export const netColumns: readonly string[] = cells.map(
  ({ direction, phase }) => `${direction}_${phase === 'earlyMedia' ? 'early_media' : phase}`
)

export const netsOf = ({ sides: own }: Rollup): Nets =>
  cells.map(({ direction, phase }) => own[direction]?.flows[phase]?.net ?? 0)

const added = (nets: Nets, others: Nets): Nets => nets.map((net, index) => net + others[index]!)

function netOf(nets: Nets, side: Side, phase: Phase): number {
  let sum = 0
  cells.forEach((cell, index) => {
    const isOfSide = side === 'both' ? cell.direction !== 'internal' : cell.direction === side
    if (isOfSide && (phase === 'total' || cell.phase === phase)) sum += nets[index]!
  })
  return sum
}

/**
 * A range of whole steps, in epoch seconds.
 *
 * @throws RangeError where there are more of them than a series has
 */
export function stepsIn({ from, to, step }: Pick<SeriesQuery, 'from' | 'to' | 'step'>): { from: number; to: number } {
  const length = stepSeconds[step]
  const floor = (at: number): number => Math.floor(at / 1e6 / length) * length
  if (!(floor(to) - floor(from) <= mostSteps * length)) {
    throw new RangeError(`A series has at most ${mostSteps} steps; ask for a shorter time, or for longer steps`)
  }
  return { from: floor(from), to: floor(to) }
}

export type PeerSteps = {
  readonly peer: string
  /** What was under way when the range began. */
  readonly base: Nets
  /** By when each began, in epoch seconds; those without any are left out. */
  readonly rollups: ReadonlyMap<number, Rollup>
}

/** @param range as `stepsIn` has it */
export function seriesRows(
  peers: readonly PeerSteps[],
  range: { readonly from: number; readonly to: number },
  step: Step
): SeriesRow[] {
  const rows = peers.flatMap(each => rowsOf(each, range, step))
  return rows.sort((a, b) => a.at - b.at || compare(a.peer, b.peer) || compare(a.direction, b.direction))
}

function rowsOf(
  { peer, base, rollups }: PeerSteps,
  { from, to }: { from: number; to: number },
  step: Step
): SeriesRow[] {
  const rows: SeriesRow[] = []
  const length = stepSeconds[step]
  let nets = base
  for (let at = from; at < to; at += length) {
    const rollup = rollups.get(at) ?? nothing
    for (const side of sides) {
      const row = rowOf({ at, peer, side, nets, rollup, length })
      if (row) rows.push(row)
    }
    nets = added(nets, netsOf(rollup))
  }
  return rows
}

const nothing: Rollup = { sides: {} }

type OneStep = {
  readonly at: number
  readonly peer: string
  readonly side: Side
  /** When it begins. */
  readonly nets: Nets
  readonly rollup: Rollup
  readonly length: number
}

function rowOf({ at, peer, side, nets, rollup, length }: OneStep): SeriesRow | undefined {
  const load = loadOf(rollup, side)
  if (!load && phases.every(phase => netOf(nets, side, phase) === 0)) return undefined
  const { busiest, flows = {} } = load ?? {}
  const occupancies = phases.map(phase => {
    const base = netOf(nets, side, phase)
    const { peak, area } = flows[phase] ?? noFlow
    return [phase, { peak: base + peak, seconds: (base * length * 1e6 + area) / 1e6 }]
  })
  return {
    at: epochMicros(at * 1e6),
    peer,
    direction: side,
    sums: load ? sumsOf(rollup, peer, side) : noSums(peer, side === 'both' ? 'outbound' : side),
    busySecond: busiest ? { attempts: busiest[0], at: epochMicros(busiest[1] * 1e6) } : null,
    concurrent: Object.fromEntries(occupancies) as SeriesRow['concurrent']
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

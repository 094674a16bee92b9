import type { AttemptRecord, CallEndRecord, Direction, RejectionRecord } from '@earshot/calls'
import { addAttempt, addEnd, addRejection, addSums, noSums, type Sums } from '@earshot/peers'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { busierOf, busiestOf, flowsOf, flowsTogether, type Busiest, type Flows } from './loads.ts'
import { endMoment, minuteOf, momentsOf, type Moment } from './moments.ts'
import { everyPeer, stepSeconds, type Side } from './series.ts'

type Load = { readonly flows: Flows; readonly busiest?: Busiest }

/** Of one direction. */
export type SideRollup = Load & { readonly sums: Omit<Sums, 'peer' | 'direction'> }

/**
 * What a peer had in a step, in each direction that had anything. Sums of both directions are theirs together, but not
 * what was the most: that is in `both`, where both had anything.
 */
export type Rollup = {
  readonly sides: Readonly<Partial<Record<Direction, SideRollup>>>
  readonly both?: Load
}

/** What a minute's rollups are made of. */
export type MinuteRecords = {
  /** All that begin in it, and all that change in it what is under way. */
  readonly attempts: readonly AttemptRecord[]
  /** All that end in it, and whether the attempt of each is known. */
  readonly callEnds: readonly { readonly record: CallEndRecord; readonly isPaired: boolean }[]
  readonly rejections: readonly RejectionRecord[]
}

/** The rollups of a minute by peer; under `everyPeer` that of all of them. The same from records in any order. */
export function rollUpMinute(minute: number, { attempts, callEnds, rejections }: MinuteRecords): Map<string, Rollup> {
  const peers = new Map<string, Gathered>()
  const gather = (peer: string, direction: Direction, add: (gathered: Gathered, sums: Sums) => void): void => {
    for (const name of [peer, everyPeer]) {
      const gathered = peers.get(name) ?? new Gathered()
      peers.set(name, gathered)
      add(gathered, gathered.sums(direction))
    }
  }
  const isIn = ({ at }: Moment): boolean => minuteOf(at) === minute
  for (const attempt of attempts) {
    const moments = momentsOf(attempt).filter(isIn)
    const begins = minuteOf(attempt.startedAt) === minute
    gather(attempt.peer, attempt.direction, (gathered, sums) => {
      gathered.moments.push(...moments)
      if (!begins) return
      gathered.starts.push([attempt.direction, attempt.startedAt])
      addAttempt(sums, attempt, 1)
    })
  }
  for (const { record, isPaired } of callEnds) {
    gather(record.peer, record.direction, (gathered, sums) => {
      if (isPaired) gathered.moments.push(endMoment(record))
      addEnd(sums, record)
    })
  }
  for (const rejection of rejections) {
    gather(rejection.peer, rejection.direction, (_, sums) => addRejection(sums, rejection))
  }
  const end = epochMicros((minute + stepSeconds.minute) * 1e6)
  return new Map(Array.from(peers, ([peer, gathered]) => [peer, gathered.rollup(end)]))
}

/** What is known of one peer in one minute. */
class Gathered {
  readonly moments: Moment[] = []
  readonly starts: (readonly [Direction, EpochMicros])[] = []
  readonly #sums = new Map<Direction, Sums>()

  sums(direction: Direction): Sums {
    const known = this.#sums.get(direction) ?? noSums('', direction)
    this.#sums.set(direction, known)
    return known
  }

  rollup(end: EpochMicros): Rollup {
    const sides = Array.from(this.#sums, ([direction, sums]) => [
      direction,
      { ...this.#load(end, each => each === direction), sums: withoutNames(sums) }
    ])
    const both = this.#load(end, each => each !== 'internal')
    const hasBoth = this.#sums.has('inbound') && this.#sums.has('outbound')
    return { sides: Object.fromEntries(sides), ...(hasBoth && { both }) }
  }

  #load(end: EpochMicros, isOf: (direction: Direction) => boolean): Load {
    const flows = flowsOf(
      this.moments.filter(({ direction }) => isOf(direction)),
      end
    )
    const busiest = busiestOf(this.starts.flatMap(([direction, at]) => (isOf(direction) ? [at] : [])))
    return { flows, ...(busiest && { busiest }) }
  }
}

/**
 * Steps of one peer as one, exactly: they are in the order of time, of one length and apart.
 *
 * @param end of all of them, in epoch seconds
 */
export function rollupsTogether(
  parts: readonly { readonly at: number; readonly rollup: Rollup }[],
  length: number,
  end: number
): Rollup {
  const directions = new Set(parts.flatMap(({ rollup }) => Object.keys(rollup.sides) as Direction[]))
  const load = (side: Side): Load => {
    const own = parts.flatMap(({ at, rollup }) => {
      const part = loadOf(rollup, side)
      return part ? [{ at: epochMicros(at * 1e6), ...part }] : []
    })
    const busiest = busierOf(own.map(each => each.busiest))
    return { flows: flowsTogether(own, length * 1e6, epochMicros(end * 1e6)), ...(busiest && { busiest }) }
  }
  const sides = Array.from(directions, direction => {
    const sums = noSums('', direction)
    for (const { rollup } of parts) addSide(sums, rollup.sides[direction])
    return [direction, { ...load(direction), sums: withoutNames(sums) }]
  })
  const hasBoth = directions.has('inbound') && directions.has('outbound')
  return { sides: Object.fromEntries(sides), ...(hasBoth && { both: load('both') }) }
}

/** What is told of one direction, or of both. */
export function loadOf({ sides, both }: Rollup, side: Side): Load | undefined {
  return side === 'both' ? (both ?? sides.inbound ?? sides.outbound) : sides[side]
}

export function sumsOf({ sides }: Rollup, peer: string, side: Side): Sums {
  const sums = noSums(peer, side === 'both' ? 'outbound' : side)
  for (const direction of side === 'both' ? (['inbound', 'outbound'] as const) : [side]) {
    addSide(sums, sides[direction])
  }
  return sums
}

function addSide(sums: Sums, side: SideRollup | undefined): void {
  if (side) addSums(sums, { peer: sums.peer, direction: sums.direction, ...side.sums })
}

const withoutNames = ({ peer: _peer, direction: _direction, ...sums }: Sums): Omit<Sums, 'peer' | 'direction'> => sums

const FORMAT = 1

export const rollupText = (rollup: Rollup): string => JSON.stringify({ format: FORMAT, ...rollup })

/** @throws for a format that a later version wrote */
export function readRollup(text: string): Rollup {
  const { format, ...rollup } = JSON.parse(text) as Rollup & { format: number }
  if (format > FORMAT) {
    throw new Error(`A rollup of format ${format} in the store; this version of Earshot reads up to ${FORMAT}`)
  }
  return rollup
}

import type { EpochMicros } from '@earshot/units'
import { ownPhases, type Moment } from './moments.ts'
import { phases, type Phase } from './series.ts'

/**
 * What came and went in one phase within a step, told without what was under way when it began: so that a step's is made of
 * its own moments alone, and two steps that follow each other add up.
 */
export type Flow = {
  /** How many more are under way at its end than at its beginning. */
  readonly net: number
  /** The most more than at its beginning, at any time in it; not below 0. */
  readonly peak: number
  /** Call-microseconds beyond those of what was under way at its beginning. */
  readonly area: number
}

/** Absent where nothing came or went. */
export type Flows = Readonly<Partial<Record<Phase, Flow>>>

/** The first second with most attempts begun: how many, and which since 1970. */
export type Busiest = readonly [attempts: number, second: number]

export const noFlow: Flow = { net: 0, peak: 0, area: 0 }

/** @param end of the step */
export function flowsOf(moments: readonly Moment[], end: EpochMicros): Flows {
  const times = Map.groupBy(
    moments.toSorted((a, b) => a.at - b.at),
    ({ at }) => at
  )
  const flows: Record<Phase, Flow> = { setup: noFlow, earlyMedia: noFlow, established: noFlow, total: noFlow }
  for (const [at, together] of times) {
    // What happens at one time happens at once: who answers leaves the setup and is established.
    const by: Record<Phase, number> = { setup: 0, earlyMedia: 0, established: 0, total: 0 }
    for (const moment of together) by[moment.phase] += moment.by
    for (const phase of ownPhases) by.total += by[phase]
    for (const phase of phases) flows[phase] = changed(flows[phase], by[phase], end - at)
  }
  return withoutNone(flows)
}

function changed({ net, peak, area }: Flow, by: number, left: number): Flow {
  return { net: net + by, peak: Math.max(peak, net + by), area: area + by * left }
}

/**
 * Several steps as one. They are in the order of time and apart; nothing came or went between them.
 *
 * @param length of each, in microseconds
 * @param end of all
 */
export function flowsTogether(
  parts: readonly { readonly at: EpochMicros; readonly flows: Flows }[],
  length: number,
  end: EpochMicros
): Flows {
  const flows: Record<Phase, Flow> = { setup: noFlow, earlyMedia: noFlow, established: noFlow, total: noFlow }
  for (const part of parts) {
    const left = end - (part.at + length)
    for (const phase of phases) {
      const { net, peak, area } = part.flows[phase] ?? noFlow
      const before = flows[phase]
      flows[phase] = {
        net: before.net + net,
        peak: Math.max(before.peak, before.net + peak),
        // What it brought stays from its end to that of all.
        area: before.area + area + net * left
      }
    }
  }
  return withoutNone(flows)
}

/** Of attempts begun at these times. */
export function busiestOf(starts: readonly EpochMicros[]): Busiest | undefined {
  const seconds = new Map<number, number>()
  for (const at of starts) {
    const second = Math.floor(at / 1e6)
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
  }
  return busierOf(Array.from(seconds, ([second, attempts]): Busiest => [attempts, second]))
}

export const busierOf = (all: readonly (Busiest | undefined)[]): Busiest | undefined =>
  all.reduce((most, each) => (each && (!most || isBusier(each, most)) ? each : most), undefined)

const isBusier = (one: Busiest, other: Busiest): boolean =>
  one[0] > other[0] || (one[0] === other[0] && one[1] < other[1])

const withoutNone = (flows: Readonly<Record<Phase, Flow>>): Flows =>
  Object.fromEntries(Object.entries(flows).filter(([, { net, peak, area }]) => net !== 0 || peak !== 0 || area !== 0))

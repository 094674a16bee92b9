import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import type { Alert } from '../alert.ts'
import { MICROS_OF_TICK, TICKS, type Tick } from './calendar.ts'
import type { Change, SubjectName } from './subject.ts'
import type { Finding } from './watch.ts'
import { alertOf } from './wording.ts'

/** Rejections are told half a second after they were seen, unclaimed answers after the lateness. */
export const SETTLES = seconds(3)

/** When a tick is looked at, in event time. */
export const toldAt = (tick: Tick): EpochMicros => plus(epochMicros((tick + 1) * MICROS_OF_TICK), SETTLES)

export const foundAt = ({ at, ticks = TICKS }: Finding): EpochMicros => toldAt(at * TICKS + ticks - 1)

export function told(name: SubjectName, { signal, raised, ended }: Change, now: EpochMicros): Alert {
  if (raised) return alertOf(name, signal, raised, { raisedAt: now })
  return alertOf(name, signal, ended!, { raisedAt: foundAt(ended!), endedAt: now })
}

/** The order in which equal times are told. */
export function byName(a: Alert, b: Alert): number {
  const [left, right] = [a, b].map(
    ({ peer, evidence, signal }) => `${peer}\n${evidence.direction as string}\n${signal}`
  )
  return left! < right! ? -1 : 1
}

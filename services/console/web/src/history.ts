import { keyOf } from './api.ts'
import type { History, Peer } from './api.ts'
import { ratio } from './figures.ts'
import type { Ratio } from './figures.ts'

/** A peer's last hour by the minute; a minute without the figure is undefined. */
export type Minutes = {
  /** Starts of the minutes. */
  readonly times: readonly Date[]
  readonly attempts: readonly number[]
  readonly earlyMedia: readonly number[]
  readonly earlyMediaAnswerRate: readonly Ratio[]
  readonly rejections: readonly number[]
}

/** Undefined for a peer that the history does not know. Minutes at the ends that the history has only a part of are left out. */
export function minutesOf(history: History | undefined, peer: Pick<Peer, 'peer' | 'direction'>): Minutes | undefined {
  const series = history?.peers[keyOf(peer)]
  if (!history || !series) return undefined
  const minutes = [...new Set(history.times.map(time => Math.floor(time / 60)))]
  const last = history.times.at(-1)
  if (last !== undefined && (last + history.step) % 60 !== 0) minutes.pop()
  if ((history.times[0] ?? 0) % 60 !== 0) minutes.shift()
  const perMinute = (values: readonly number[]) => {
    const sums = new Map(minutes.map(minute => [minute, 0]))
    history.times.forEach((time, i) => {
      const minute = Math.floor(time / 60)
      const sum = sums.get(minute)
      if (sum !== undefined) sums.set(minute, sum + (values[i] ?? 0))
    })
    return [...sums.values()]
  }
  const earlyMedia = perMinute(series.earlyMedia)
  const answered = perMinute(series.earlyMediaAnswered)
  return {
    times: minutes.map(minute => new Date(minute * 60_000)),
    attempts: perMinute(series.attempts),
    earlyMedia,
    earlyMediaAnswerRate: earlyMedia.map((attempts, i) => ratio(answered[i] ?? 0, attempts)),
    rejections: perMinute(series.rejections)
  }
}

import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { AllowRecord } from '@earshot/calls'
import { stepSeconds, type Step, type Store } from '@earshot/store'
import { epochMicros, seconds, minus, type EpochMicros } from '@earshot/units'
import { isoTime } from '../attempt-row.ts'
import { AllowChanges, Series } from './answers/series.ts'
import { directions } from './answers/words.ts'
import { period } from './period.ts'
import { badRequest, route } from './route.ts'
import { seriesOf } from './series.ts'

export type SeriesParts = {
  readonly store: Pick<Store, 'series' | 'capabilityHistory'>
  /** How long the store keeps minutes. */
  readonly minuteDays: number
  /** The console's clock. */
  readonly now: () => EpochMicros
}

const USUAL_SECONDS = 3600
/** Up to here minutes are shown where they are still kept, beyond hours. */
const MINUTES_UP_TO_SECONDS = 12 * 3600
/** Three months by the hour: more points than a screen has. */
const MOST_SECONDS = 92 * 86_400

/** What the figures of a peer, or of all, were over time. */
export function seriesApi(app: FastifyInstance, { store, minuteDays, now }: SeriesParts): void {
  route(app, {
    method: 'GET',
    url: '/api/series',
    summary:
      'The figures of a peer, or of all peers, by the minute up to twelve hours, by the hour beyond and where minutes are no longer kept',
    tag: 'peers',
    query: z.strictObject({
      ...period,
      peer: z.string().min(1).max(256).optional(),
      direction: z.enum([...directions, 'both']).default('both')
    }),
    answer: Series,
    async handle({ query: { peer, direction, to = now(), from = minus(to, seconds(USUAL_SECONDS)) } }) {
      const span = (to - from) / 1e6
      if (!(span > 0) || span > MOST_SECONDS) throw badRequest('from: comes before to, by 92 days at most')
      const areMinutesKept = from >= minus(now(), seconds(minuteDays * 86_400))
      const step: Step = span <= MINUTES_UP_TO_SECONDS && areMinutesKept ? 'minute' : 'hour'
      const whole = stepSeconds[step] * 1e6
      const range = {
        from: epochMicros(Math.floor(from / whole) * whole),
        to: epochMicros(Math.ceil(to / whole) * whole)
      }
      const rows = await store.series({ ...range, step, ...(peer !== undefined && { peers: [peer] }) })
      const shown = rows.filter(row => row.direction === direction)
      return { ...(peer !== undefined && { peer }), direction, ...seriesOf(shown, range, stepSeconds[step]) }
    }
  })

  route(app, {
    method: 'GET',
    url: '/api/peers/:peer/allow-history',
    summary: 'Each change of what a peer’s Allow lists, by where it stood',
    tag: 'peers',
    params: z.strictObject({ peer: z.string() }),
    query: z.strictObject({ method: z.string().max(64).optional() }),
    answer: AllowChanges,
    handle: async ({ params: { peer }, query: { method } }) => ({
      peer,
      changes: changesOf(await store.capabilityHistory(peer, method)).reverse()
    })
  })
}

/** @param records oldest first */
function changesOf(records: readonly AllowRecord[]): z.infer<typeof AllowChanges>['changes'][number][] {
  const before = new Map<string, readonly string[]>()
  return records.map(({ at, source, methods }) => {
    const was = before.get(source)
    before.set(source, methods)
    return {
      at: isoTime(at),
      source,
      methods,
      came: methods.filter(method => was !== undefined && !was.includes(method)),
      went: (was ?? []).filter(method => !methods.includes(method))
    }
  })
}

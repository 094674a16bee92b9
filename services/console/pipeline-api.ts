import type { FastifyInstance } from 'fastify'
import type { Readiness } from '@earshot/runtime'
import type { Store } from '@earshot/store'
import type { EpochMicros } from '@earshot/units'
import type { MonitorView } from '../monitor/view.ts'
import { Pipeline } from './answers/pipeline.ts'
import { iso } from './iso.ts'
import { route } from './route.ts'

export type PipelineParts = {
  readonly figures: Pick<MonitorView, 'watermark'>
  readonly store: Pick<Store, 'size'>
  readonly now: () => EpochMicros
  readonly health: () => readonly Readiness[]
}

/** How the parts of the process are, how far the figures have come, and how much is kept. */
export function pipelineApi(app: FastifyInstance, { figures, store, now, health }: PipelineParts): void {
  route(app, {
    method: 'GET',
    url: '/api/pipeline',
    summary: 'How the process is, how far the figures have come, and how much is kept',
    tag: 'pipeline',
    answer: Pipeline,
    async handle() {
      const { bytes, messagesBytes, attempts, oldest, staleMinutes } = await store.size()
      return {
        now: iso(now())!,
        watermark: iso(figures.watermark),
        parts: health(),
        store: { bytes, messagesBytes, attempts, oldest: iso(oldest), staleMinutes }
      }
    }
  })
}

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Log } from '@earshot/bus'
import type { Alert } from '@earshot/peers'
import { mostInPage, type Store } from '@earshot/store'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { alertRow } from '../alert-row.ts'
import { commandRecord, silenceId, type Command, type Commander } from '../command-record.ts'
import { mostSilences, type Silence } from '../monitor/decisions.ts'
import type { DecisionsView } from '../monitor/decisions-view.ts'
import type { MonitorView } from '../monitor/view.ts'
import { topics } from '../pipeline.ts'
import {
  Alerts,
  PastAlerts,
  Told,
  type Alert as AlertAnswer,
  type Alerts as AlertsAnswer,
  type Silence as SilenceAnswer
} from './answers/alerts.ts'
import { alertKinds } from './answers/words.ts'
import { iso } from './iso.ts'
import { period } from './period.ts'
import { badRequest, notFound, route } from './route.ts'

export type AlertsParts = {
  readonly figures: Pick<MonitorView, 'alerts' | 'watermark'>
  readonly decisions: Pick<DecisionsView, 'acknowledgement' | 'silenceOf' | 'silences'>
  /** Where commands are written. */
  readonly log: Pick<Log, 'append'>
  readonly store: Pick<Store, 'alerts'>
  /** The console's clock. */
  readonly now: () => EpochMicros
}

const by = z.string().trim().min(1).max(100).optional().describe('Who decides; where access is controlled, who asks')
const note = z.string().trim().min(1).max(500).optional()

const Acknowledge = z.strictObject({ by, note })

const SilenceAlerts = z
  .strictObject({
    peer: z.string().min(1).max(256).optional(),
    kind: z.enum(alertKinds).optional(),
    until: z.iso.datetime({ offset: true }),
    by,
    note
  })
  .refine(({ peer, kind }) => peer ?? kind, 'peer or kind is missing; a silence is of a peer, of a kind, or of both')

const Id = z.strictObject({ id: z.string() })

const Past = z.strictObject({
  ...period,
  id: z.string().max(256).optional(),
  peer: z.string().max(256).optional(),
  kind: z.enum(alertKinds).optional(),
  limit: z.coerce.number().int().min(1).max(mostInPage).default(50),
  cursor: z.string().max(600).optional()
})

/**
 * The alerts, and what people decide about them. Decisions are written to the log: they hold, for every console and every
 * monitor, moments after the answer. Bodies are JSON only: another site cannot send that without asking, and is not answered.
 */
export function alertsApi(app: FastifyInstance, parts: AlertsParts): void {
  const { figures, decisions, log, now, store } = parts
  const rowOf = (alert: Alert): AlertAnswer => rowWith(alert, decisions)
  app.removeContentTypeParser('text/plain')

  const command = async (told: Command, id: string): Promise<z.infer<typeof Told>> => {
    await log.append(topics.commands, [commandRecord(told)])
    return { id }
  }

  route(app, {
    method: 'GET',
    url: '/api/alerts',
    summary: 'Alerts that last, the last that are over, and silences',
    tag: 'alerts',
    answer: Alerts,
    handle: async () => alertsOf(parts)
  })

  route(app, {
    method: 'GET',
    url: '/api/alerts/past',
    summary: 'Alerts that are kept, by the time of their start, the newest first',
    tag: 'alerts',
    query: Past,
    answer: PastAlerts,
    async handle({ query: { id, peer, kind, from, to, limit, cursor } }) {
      const { rows, next } = await store.alerts({
        limit,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(id !== undefined && { id }),
        ...(peer !== undefined && { peers: [peer] }),
        ...(kind && { kinds: [kind] }),
        ...(cursor !== undefined && { cursor })
      })
      return { rows: rows.map(rowOf), ...(next !== undefined && { next }) }
    }
  })

  route(app, {
    method: 'POST',
    url: '/api/alerts/:id/acknowledge',
    summary: 'Somebody has taken an alert on',
    tag: 'alerts',
    params: Id,
    body: Acknowledge,
    answer: Told,
    status: 202,
    failures: { 404: 'No alert has that id' },
    async handle({ params: { id }, body: { by, note } }, request, reply) {
      const who = nameOf(request, by)
      if (!figures.alerts().some(alert => alert.id === id)) return notFound(reply, 'No alert has that id.')
      return command({ kind: 'acknowledge', alert: id, by: who, at: now(), ...(note && { note }) }, id)
    }
  })

  route(app, {
    method: 'POST',
    url: '/api/silences',
    summary: 'Nobody is told of a kind of alert, of a peer’s alerts, or of both together, until a time',
    tag: 'alerts',
    body: SilenceAlerts,
    answer: Told,
    status: 202,
    async handle({ body: { peer, kind, until: untilText, by, note } }, request) {
      const who = nameOf(request, by)
      const scope = { ...(peer && { peer }), ...(kind && { kind }) }
      const [id, at, until] = [silenceId(scope), now(), epochMicros(Date.parse(untilText) * 1e3)]
      if (until <= at) throw badRequest('until is over already; a silence ends later than now')
      const others = decisions.silences().filter(silence => silence.id !== id)
      if (others.length >= mostSilences) throw badRequest(`There are ${mostSilences} silences; end one first`)
      return command({ kind: 'silence', scope, until, by: who, at, ...(note && { note }) }, id)
    }
  })

  route(app, {
    method: 'DELETE',
    url: '/api/silences/:id',
    summary: 'Ends a silence',
    tag: 'alerts',
    params: Id,
    answer: Told,
    status: 202,
    failures: { 404: 'No silence has that id' },
    async handle({ params: { id } }, _request, reply) {
      if (!decisions.silences().some(silence => silence.id === id)) return notFound(reply, 'No silence has that id.')
      return command({ kind: 'unsilence', silence: id, at: now() }, id)
    }
  })
}

/** Who is known to ask decides in that name and no other. */
function nameOf({ identity }: FastifyRequest, by: string | undefined): string {
  const name = identity?.name ?? by
  if (name === undefined) throw badRequest('by: say who decides')
  return name
}

export function alertsOf({ figures, decisions }: Pick<AlertsParts, 'figures' | 'decisions'>): AlertsAnswer {
  const rowOf = (alert: Alert): AlertAnswer => rowWith(alert, decisions)
  const alerts = figures.alerts()
  return {
    now: iso(figures.watermark),
    active: alerts.filter(({ endedAt }) => endedAt === undefined).map(rowOf),
    recent: alerts.filter(({ endedAt }) => endedAt !== undefined).map(rowOf),
    silences: decisions.silences().map(silenceRow)
  }
}

function rowWith(alert: Alert, decisions: AlertsParts['decisions']): AlertAnswer {
  const acknowledged = decisions.acknowledgement(alert)
  const silence = alert.endedAt === undefined ? decisions.silenceOf(alert) : undefined
  return {
    ...alertRow(alert),
    ...(acknowledged && { acknowledged: commanderRow(acknowledged) }),
    ...(silence && { silence: silenceRow(silence) })
  }
}

const commanderRow = ({ by, at, note }: Commander) => ({ by, at: iso(at)!, ...(note && { note }) })

const silenceRow = ({ id, scope, until, ...commander }: Silence): SilenceAnswer => ({
  id,
  ...scope,
  until: iso(until)!,
  ...commanderRow(commander)
})

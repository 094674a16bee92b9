import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { alertKinds, type Alert } from '@earshot/peers'
import { epochMicros } from '@earshot/units'
import { alertRow } from '../alert-row.ts'
import { commandRecord, silenceId, type Command, type Commander } from '../command-record.ts'
import { mostSilences, type Silence } from '../monitor/decisions.ts'
import { topics } from '../pipeline.ts'
import type { ConsoleParts } from './api.ts'

const name = z.string().trim().min(1).max(100)
const note = z.string().trim().min(1).max(500).optional()

const Acknowledge = z.strictObject({ by: name, note })

const SilenceAlerts = z
  .strictObject({
    peer: z.string().min(1).max(256).optional(),
    kind: z.enum(alertKinds).optional(),
    until: z.iso.datetime({ offset: true }),
    by: name,
    note
  })
  .refine(({ peer, kind }) => peer ?? kind, 'peer or kind is missing; a silence is of a peer, of a kind, or of both')

/**
 * The alerts, and what people decide about them. Decisions are written to the log: they hold, for every console and every
 * monitor, moments after the answer. Bodies are JSON only: another site cannot send that without asking, and is not answered.
 */
export function alertsApi(
  app: FastifyInstance,
  { figures, decisions, log, now }: Pick<ConsoleParts, 'figures' | 'decisions' | 'log' | 'now'>
): void {
  app.removeContentTypeParser('text/plain')

  const rowOf = (alert: Alert): object => {
    const [acknowledged, silence] = [
      decisions.acknowledgement(alert),
      alert.endedAt === undefined ? decisions.silenceOf(alert) : undefined
    ]
    return {
      ...alertRow(alert),
      ...(acknowledged && { acknowledged: commanderRow(acknowledged) }),
      ...(silence && { silence: silenceRow(silence) })
    }
  }
  const command = async (told: Command, reply: FastifyReply, answer: object): Promise<FastifyReply> => {
    await log.append(topics.commands, [commandRecord(told)])
    return reply.code(202).send(answer)
  }

  app.get('/api/alerts', async () => {
    const alerts = figures.alerts()
    return {
      now: alertTime(figures.watermark),
      active: alerts.filter(({ endedAt }) => endedAt === undefined).map(rowOf),
      recent: alerts.filter(({ endedAt }) => endedAt !== undefined).map(rowOf),
      silences: decisions.silences().map(silenceRow)
    }
  })

  app.post<{ Params: { id: string } }>('/api/alerts/:id/acknowledge', async ({ params: { id }, body }, reply) => {
    const { by, note } = checked(Acknowledge, body)
    if (!figures.alerts().some(alert => alert.id === id)) return nothing(reply, 'No alert has that id.')
    return command({ kind: 'acknowledge', alert: id, by, at: now(), ...(note && { note }) }, reply, { id })
  })

  app.post('/api/silences', async ({ body }, reply) => {
    const { peer, kind, until: untilText, by, note } = checked(SilenceAlerts, body)
    const scope = { ...(peer && { peer }), ...(kind && { kind }) }
    const [id, at, until] = [silenceId(scope), now(), epochMicros(Date.parse(untilText) * 1e3)]
    if (until <= at) throw badRequest('until is over already; a silence ends later than now')
    const others = decisions.silences().filter(silence => silence.id !== id)
    if (others.length >= mostSilences) throw badRequest(`There are ${mostSilences} silences; end one first`)
    return command({ kind: 'silence', scope, until, by, at, ...(note && { note }) }, reply, { id })
  })

  app.delete<{ Params: { id: string } }>('/api/silences/:id', async ({ params: { id } }, reply) => {
    if (!decisions.silences().some(silence => silence.id === id)) return nothing(reply, 'No silence has that id.')
    return command({ kind: 'unsilence', silence: id, at: now() }, reply, { id })
  })
}

function checked<Body extends z.ZodType>(schema: Body, body: unknown): z.infer<Body> {
  const { success, data, error } = schema.safeParse(body)
  if (success) return data
  const [issue] = error.issues
  throw badRequest([...(issue!.path.length > 0 ? [issue!.path.join('.')] : []), issue!.message].join(': '))
}

const badRequest = (message: string): Error => Object.assign(new Error(message), { statusCode: 400 })

const nothing = (reply: FastifyReply, message: string): FastifyReply =>
  reply.code(404).send({ error: 'not_found', message })

const commanderRow = ({ by, at, note }: Commander): object => ({ by, at: alertTime(at), ...(note && { note }) })

const silenceRow = ({ id, scope, until, ...commander }: Silence): object => ({
  id,
  ...scope,
  until: alertTime(until),
  ...commanderRow(commander)
})

const alertTime = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time / 1e3).toISOString()

import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Registry } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'
import { LocalTime } from '../reports/local-time.ts'
import { BadReportRequest, rangeOf } from '../reports/range.ts'
import { reportCsv } from '../reports/report-csv.ts'
import { reportHtml, reportPolicy } from '../reports/report-html.ts'
import { reportKinds } from '../reports/choices.ts'
import { documentOf, makeReport, reportRow, type Report } from '../reports/report.ts'
import type { ReportSource } from '../reports/subjects.ts'
import { Report as ReportAnswer } from './answers/reports.ts'
import { badRequest, route } from './route.ts'

export type ReportsParts = {
  readonly store: ReportSource['store']
  readonly registry: () => Registry
  /** Whose days, hours and times reports have. */
  readonly timeZone: string
  /** The console's clock. */
  readonly now: () => EpochMicros
}

const Kind = z.strictObject({ kind: z.enum(reportKinds) })

const name = z.string().min(1).max(256).optional()

const Asked = z.strictObject({
  from: z.string().optional().describe('A day, 2026-11-23, or a time; without it seven days before the end'),
  to: z.string().optional().describe('A day, which is over with its end, or a time; without it now'),
  peer: name,
  group: name.describe('Its peers, and all of them together'),
  blocking: z.coerce.number().gt(0).lt(1).optional().describe('Share of calls that may find no channel: 0.01')
})

const BUSY = 'Another report is being made; ask again when it is done.'
const failures = { 503: 'Another report is being made' }

/** Reports of what the store keeps, in the hours of its rollups (docs/reports.md). */
export function reportsApi(app: FastifyInstance, { store, registry, timeZone, now }: ReportsParts): void {
  const local = new LocalTime(timeZone)
  let isBusy = false
  /** One report at a time: that of a year and of many peers takes seconds, and a good part of the memory. */
  const alone = async <Answer>(reply: FastifyReply, answer: () => Promise<Answer>): Promise<Answer | FastifyReply> => {
    if (isBusy) return reply.code(503).header('retry-after', '5').send({ error: 'unavailable', message: BUSY })
    isBusy = true
    try {
      return await answer()
    } finally {
      isBusy = false
    }
  }
  const made = async ({ params: { kind }, query }: Request): Promise<Report> => {
    const { from, to, peer, group, blocking } = query
    return makeReport(
      kind,
      { store, registry: registry(), local },
      {
        ...rangeAsked({ from, to }, local, now()),
        ...(peer !== undefined && { peer }),
        ...(group !== undefined && { group }),
        ...(blocking !== undefined && { blocking })
      }
    )
  }
  const file = (reply: FastifyReply, mediaType: string, text: string): FastifyReply =>
    reply.type(`${mediaType}; charset=utf-8`).serializer(String).send(text)

  route(app, {
    method: 'GET',
    url: '/api/reports/:kind',
    summary: 'Capacity, early media or rejected methods, by peer, of a time that may be long',
    tag: 'reports',
    params: Kind,
    query: Asked,
    answer: ReportAnswer,
    failures,
    handle: (asked, _request, reply) => alone(reply, async () => reportRow(await made(asked)) as ReportAnswer)
  })
  route(app, {
    method: 'GET',
    url: '/api/reports/:kind/csv',
    summary: 'The table of a report for a spreadsheet',
    tag: 'reports',
    params: Kind,
    query: Asked,
    mediaType: 'text/csv',
    failures,
    handle: (asked, _request, reply) =>
      alone(reply, async () => file(reply, 'text/csv', reportCsv(documentOf(await made(asked), local))))
  })
  route(app, {
    method: 'GET',
    url: '/api/reports/:kind/html',
    summary: 'A report as one page with its charts, to be printed',
    tag: 'reports',
    params: Kind,
    query: Asked,
    mediaType: 'text/html',
    failures,
    handle: (asked, _request, reply) =>
      alone(reply, async () => {
        const page = await reportHtml(documentOf(await made(asked), local))
        // Its styles are in it, and it needs nothing else.
        return file(reply.header('content-security-policy', reportPolicy), 'text/html', page)
      })
  })
}

type Request = { readonly params: z.infer<typeof Kind>; readonly query: z.infer<typeof Asked> }

function rangeAsked(...asked: Parameters<typeof rangeOf>): ReturnType<typeof rangeOf> {
  try {
    return rangeOf(...asked)
  } catch (error) {
    throw error instanceof BadReportRequest ? badRequest(error.message) : error
  }
}

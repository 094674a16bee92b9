import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { diagnosisCodes, earlyClasses, outcomes } from '@earshot/calls'
import { CursorError, mostInPage, SearchError, numberMatch, type AttemptQuery, type Store } from '@earshot/store'
import { attemptRow } from '../attempt-row.ts'
import { Call, CallsFound, type Attempt } from './answers/calls.ts'
import { directions } from './answers/words.ts'
import { callAnswer } from './call/answer.ts'
import { asText, pcapOf } from './call/exports.ts'
import { readCall, type CallParts } from './call/read.ts'
import { period } from './period.ts'
import { badRequest, notFound, route } from './route.ts'

export type CallsParts = CallParts & { readonly store: Pick<Store, 'attempts' | 'call'> }

const text = z.string().trim().min(1).max(256).optional()
const number = z.string().regex(/\d/, 'write a number, with a * at its end for those that begin so').max(64).optional()

/** One value or several. */
const anyOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.preprocess(given => (typeof given === 'string' ? given.split(',') : given), z.array(z.enum(names)).optional())

const Search = z.strictObject({
  ...period,
  peer: text,
  direction: z.enum(directions).optional(),
  callId: text,
  number: number.describe('Of the caller or the callee; 4930* is all that begin so'),
  caller: number,
  callee: number,
  outcome: anyOf(outcomes).describe('Any of these, with commas'),
  class: anyOf(earlyClasses).describe('Any of these, with commas'),
  diagnosis: z.enum(diagnosisCodes).optional(),
  method: text.describe('Some request of that method was rejected with 501 or 405 under the Call-ID'),
  limit: z.coerce.number().int().min(1).max(mostInPage).default(50),
  cursor: z.string().max(600).optional()
})

const One = z.strictObject({ id: z.string().min(1).max(1024).describe('Call-ID') })

const formats = {
  pcap: { type: 'application/vnd.tcpdump.pcap', ending: 'pcap' },
  text: { type: 'text/plain; charset=utf-8', ending: 'txt' },
  json: { type: 'application/json; charset=utf-8', ending: 'json' }
} as const

/** Call attempts to search, and one call with all its legs to look at and to hand on. */
export function callsApi(app: FastifyInstance, parts: CallsParts): void {
  route(app, {
    method: 'GET',
    url: '/api/calls',
    summary: 'Call attempts for which all of this holds, the newest first',
    tag: 'calls',
    query: Search,
    answer: CallsFound,
    async handle({ query }) {
      const { rows, next } = await parts.store.attempts(queryOf(query)).catch((error: unknown) => {
        if (error instanceof CursorError) throw badRequest('cursor: is of no page of this search')
        throw error instanceof SearchError ? badRequest(error.message) : error
      })
      return { rows: rows.map(record => attemptRow(record) as Attempt), ...(next !== undefined && { next }) }
    }
  })

  const missing = { 404: 'Nothing is known of that Call-ID' }
  route(app, {
    method: 'GET',
    url: '/api/call',
    summary: 'All that is kept of a call and its legs, with its ladder',
    tag: 'calls',
    query: One,
    answer: Call,
    failures: missing,
    async handle({ query: { id } }, _request, reply) {
      const call = await readCall(id, parts)
      return call ? callAnswer(call, parts) : notFound(reply, 'Nothing is known of that Call-ID.')
    }
  })

  route(app, {
    method: 'GET',
    url: '/api/call/export',
    summary: 'The call as a file: its messages as pcap, its drawing as text, or everything as JSON',
    tag: 'calls',
    query: One.extend({ format: z.enum(['pcap', 'text', 'json']) }),
    mediaType: 'application/octet-stream',
    failures: missing,
    async handle({ query: { id, format } }, _request, reply) {
      const call = await readCall(id, parts)
      if (!call || (format === 'pcap' && call.messages.length === 0)) {
        return notFound(reply, call ? 'No message of this call is kept.' : 'Nothing is known of that Call-ID.')
      }
      const { type, ending } = formats[format]
      void reply.type(type).header('content-disposition', `attachment; filename="${fileName(id)}.${ending}"`)
      if (format === 'pcap') return reply.send(pcapOf(call))
      return reply.send(
        format === 'text' ? asText(call, parts) : `${JSON.stringify(callAnswer(call, parts), undefined, 2)}\n`
      )
    }
  })
}

function queryOf({ peer, outcome, class: early, method, from, to, ...rest }: z.infer<typeof Search>): AttemptQuery {
  const { number, caller, callee, direction, callId, diagnosis, limit, cursor } = rest
  return {
    limit,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(peer !== undefined && { peers: [peer] }),
    ...(direction && { direction }),
    ...(callId !== undefined && { callId }),
    ...(number !== undefined && { number: numberMatch(number) }),
    ...(caller !== undefined && { caller: numberMatch(caller) }),
    ...(callee !== undefined && { callee: numberMatch(callee) }),
    ...(outcome && { outcomes: outcome }),
    ...(early && { classes: early }),
    ...(diagnosis && { diagnosis }),
    ...(method !== undefined && { rejectedMethod: method }),
    ...(cursor !== undefined && { cursor })
  }
}

/** What every system takes as the name of a file. */
const fileName = (callId: string): string => `call-${callId.replaceAll(/[^\w.@-]/g, '_').slice(0, 80)}`

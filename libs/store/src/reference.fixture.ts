import type { AttemptRecord } from '@earshot/calls'
import type { Alert } from '@earshot/peers'
import { digitsOf } from './numbers.ts'
import type { AnyQuery } from './queries.fixture.ts'
import type { AttemptQuery, Batch, NumberMatch, RawMessage } from './store.ts'

/* Answers as whoever looks at every record would give them. Those of series are in series.fixture.ts. */

export function expectedAnswer(all: Required<Batch>, { of, query }: AnyQuery): unknown[] {
  switch (of) {
    case 'attempts':
      return inOrder(
        all.attempts.filter(row => meets(row, query, all)),
        'startedAt'
      ).reverse()
    case 'rejections':
      return inOrder(
        all.rejections.filter(
          row =>
            isIn(row.at, query) &&
            (query.peers?.includes(row.peer) ?? true) &&
            row.direction === (query.direction ?? row.direction) &&
            row.method === (query.method ?? row.method) &&
            row.code === (query.code ?? row.code) &&
            row.callId === (query.callId ?? row.callId)
        ),
        'at'
      ).reverse()
    case 'alerts':
      return inOrder(
        lastOf(all.alerts).filter(
          row =>
            isIn(row.startedAt, query) &&
            (query.peers?.includes(row.peer) ?? true) &&
            (query.kinds?.includes(row.kind) ?? true) &&
            (query.active === undefined || query.active === (row.endedAt === undefined))
        ),
        'startedAt'
      ).reverse()
  }
}

function meets(row: AttemptRecord, query: AttemptQuery, all: Required<Batch>): boolean {
  const { peers, direction, callId, caller, callee, number, diagnosis, rejectedMethod } = query
  const isRejected = (method: string): boolean =>
    all.rejections.some(each => each.callId === row.callId && each.method === method)
  return (
    isIn(row.startedAt, query) &&
    (peers?.includes(row.peer) ?? true) &&
    row.direction === (direction ?? row.direction) &&
    row.callId === (callId ?? row.callId) &&
    (query.outcomes?.includes(row.outcome) ?? true) &&
    (query.classes?.includes(row.class) ?? true) &&
    (caller === undefined || isNumber(row.from, caller)) &&
    (callee === undefined || isNumber(row.to, callee)) &&
    (number === undefined || isNumber(row.from, number) || isNumber(row.to, number)) &&
    (diagnosis === undefined || (row.diagnosis?.codes.includes(diagnosis) ?? false)) &&
    (rejectedMethod === undefined || isRejected(rejectedMethod))
  )
}

function isNumber(party: string, { digits, prefix = false }: NumberMatch): boolean {
  const own = digitsOf(party)
  return own !== '' && (prefix ? own.startsWith(digits) : own === digits)
}

export const isTelling = ({ class: early, outcome, diagnosis }: AttemptRecord): boolean =>
  (early === 'early_media' && outcome !== 'answered') || diagnosis !== undefined

const isIn = (at: number, { from, to }: { readonly from?: number; readonly to?: number }): boolean =>
  at >= (from ?? -Infinity) && at < (to ?? Infinity)

/** Of each alert how it ended, or that it has not. */
export function lastOf(alerts: readonly Alert[]): Alert[] {
  const last = new Map<string, Alert>()
  for (const alert of alerts) if (last.get(alert.id)?.endedAt === undefined) last.set(alert.id, alert)
  return [...last.values()]
}

export function inOrder<Time extends string, Row extends { readonly id: string } & Readonly<Record<Time, number>>>(
  rows: readonly Row[],
  time: Time
): Row[] {
  return rows.toSorted((a, b) => a[time] - b[time] || compare(a.id, b.id))
}

export const textOf = ({ capturedAt, payload }: RawMessage): string => `${capturedAt} ${payload.toString('hex')}`

/** As bytes of UTF-8 are: of texts outside of the basic plane JavaScript has another order. */
export const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

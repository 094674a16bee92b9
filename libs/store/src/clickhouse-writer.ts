import type { AttemptRecord } from '@earshot/calls'
import { epochMicros, type EpochMicros } from '@earshot/units'
import type { ClickhouseConnection } from './clickhouse-connection.ts'
import { horizonsIn, markStale } from './clickhouse-meta.ts'
import { chunksOf } from './message-chunks.ts'
import { minuteOf, minutesTouched } from './moments.ts'
import { digitsOf } from './numbers.ts'
import type { Batch, Written } from './store.ts'

/**
 * Writes a batch. What of it is there after a failure makes no difference when it is written again. Which rollups are
 * behind is noted last: what is made before then is made again.
 */
export async function writeBatch(connection: ClickhouseConnection, batch: Batch): Promise<Written> {
  const { records: horizon } = await horizonsIn(connection)
  let tooOld = 0
  const young = <Row>(rows: readonly Row[] | undefined, timeOf: (row: Row) => EpochMicros): Row[] => {
    const kept = (rows ?? []).filter(row => timeOf(row) >= horizon)
    tooOld += (rows?.length ?? 0) - kept.length
    return kept
  }
  const attempts = young(batch.attempts, ({ startedAt }) => startedAt)
  const callEnds = young(batch.callEnds, ({ endedAt }) => endedAt)
  const rejections = young(batch.rejections, ({ at }) => at)
  const legs = young(batch.legs, ({ endedAt }) => endedAt)
  const { allows = [], alerts = [] } = batch
  const chunks = chunksOf(batch.messages ?? [])

  const stale = new Set([
    ...attempts.flatMap(each => [...minutesTouched(each)]),
    ...callEnds.map(({ endedAt }) => minuteOf(endedAt)),
    ...rejections.map(({ at }) => minuteOf(at))
  ])
  await connection.insert('touches', attempts.flatMap(touches))
  await connection.insert('attempts', attempts.map(attemptRow))
  await connection.insert(
    'call_ends',
    callEnds.map(record => ({
      ended_at: record.endedAt,
      id: record.id,
      call_id: record.callId,
      answered_at: record.answeredAt,
      record: JSON.stringify(record)
    }))
  )
  await connection.insert(
    'rejections',
    rejections.map(record => {
      const { at, id, callId, peer, direction, method, code } = record
      return { at, id, call_id: callId, peer, direction, method, code, record: JSON.stringify(record) }
    })
  )
  await connection.insert(
    'legs',
    legs.map(record => ({
      ended_at: record.endedAt,
      id: record.id,
      call_ids: record.legs.map(({ callId }) => callId),
      record: JSON.stringify(record)
    }))
  )
  await connection.insert(
    'allows',
    allows.map(record => ({ peer: record.peer, at: record.at, source: record.source, record: JSON.stringify(record) }))
  )
  await connection.insert(
    'alerts',
    alerts.map(alert => ({
      started_at: alert.startedAt,
      id: alert.id,
      peer: alert.peer,
      kind: alert.kind,
      ended_at: alert.endedAt ?? null,
      is_over: alert.endedAt === undefined ? 0 : 1,
      record: JSON.stringify(alert)
    }))
  )
  await connection.insert(
    'messages',
    chunks.map(({ callId, id, at, count, data }) => ({
      call_id: callId,
      id,
      at,
      count,
      base64: data.toString('base64')
    }))
  )
  for (const minute of await minutesOfKnownEnds(connection, attempts)) stale.add(minute)
  await markStale(connection, 'minute', stale)
  const given = [attempts, callEnds, rejections, legs, allows, alerts, chunks]
  return { rows: given.reduce((sum, { length }) => sum + length, 0), tooOld }
}

/** An end that came before its attempt was not counted among what leaves: its minute is behind, too. */
async function minutesOfKnownEnds(
  connection: ClickhouseConnection,
  attempts: readonly AttemptRecord[]
): Promise<number[]> {
  const answered = attempts.filter(({ outcome }) => outcome === 'answered')
  const minutes: number[] = []
  for (let at = 0; at < answered.length; at += IDS_AT_ONCE) {
    const some = answered.slice(at, at + IDS_AT_ONCE)
    const from = Math.min(...some.map(({ endedAt }) => endedAt))
    const ends = await connection.rows<{ ended_at: number }>(
      'SELECT ended_at FROM call_ends WHERE ended_at >= {from:Int64} AND id IN {ids:Array(String)}',
      { from, ids: some.map(({ id }) => id) }
    )
    minutes.push(...ends.map(({ ended_at: end }) => minuteOf(epochMicros(end))))
  }
  return minutes
}

/** They travel in the address of a request. */
const IDS_AT_ONCE = 2000

function attemptRow(record: AttemptRecord): object {
  const { startedAt, id, callId, peer, direction, class: early, outcome, from, to, diagnosis } = record
  return {
    started_at: startedAt,
    id,
    call_id: callId,
    peer,
    direction,
    class: early,
    outcome,
    caller: digitsOf(from),
    callee: digitsOf(to),
    diagnoses: diagnosis?.codes ?? [],
    record: JSON.stringify(record)
  }
}

/** Of the minute in which it began it is found by its time. */
function touches(record: AttemptRecord): object[] {
  const { startedAt, id } = record
  const others = [...minutesTouched(record)].filter(minute => minute !== minuteOf(startedAt))
  return others.map(minute => ({ minute, started_at: startedAt, id }))
}

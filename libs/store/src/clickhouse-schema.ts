import { netColumns } from './series-rows.ts'

/** The version of everything in the database. A change that older code cannot read raises it and comes with a migration. */
export const clickhouseFormat = 1

const nets = netColumns.map(name => `${name} Int64`).join(', ')

/** The UTC day of a time, as partitions are named: 20260131. */
export const dayOf = (micros: string): string => `toYYYYMMDD(toDateTime(intDiv(${micros}, 1000000), 'UTC'))`

/**
 * What has to be there, in the current database. Times are epoch microseconds, those of steps epoch seconds.
 *
 * A record that is written twice is one row by the key of its table, at the latest when it is read. There is no TTL:
 * records go by their own time and by size (`retain`), whole days at once, and not by the server's clock.
 */
export const clickhouseTables: Readonly<Record<string, string>> = {
  meta: `(name String, value Int64, version DateTime64(6) DEFAULT now64(6)) ENGINE = ReplacingMergeTree(version) ORDER BY name`,
  attempts: `(
    started_at Int64 CODEC(Delta, ZSTD), id String, call_id String CODEC(ZSTD), peer LowCardinality(String),
    direction LowCardinality(String), class LowCardinality(String), outcome LowCardinality(String),
    caller String CODEC(ZSTD), callee String CODEC(ZSTD), diagnoses Array(LowCardinality(String)),
    record String CODEC(ZSTD(3)),
    INDEX by_call call_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_diagnosis diagnoses TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_number (caller, callee) TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_prefix (caller, callee) TYPE ngrambf_v1(6, 16384, 3, 0) GRANULARITY 1
  ) ENGINE = ReplacingMergeTree PARTITION BY ${dayOf('started_at')} ORDER BY (started_at, id)
    SETTINGS index_granularity = 2048`,
  touches: `(minute Int64 CODEC(Delta, ZSTD), started_at Int64 CODEC(ZSTD), id String)
    ENGINE = ReplacingMergeTree PARTITION BY ${dayOf('minute * 1000000')} ORDER BY (minute, started_at, id)`,
  call_ends: `(
    ended_at Int64 CODEC(Delta, ZSTD), id String, call_id String CODEC(ZSTD), answered_at Int64 CODEC(ZSTD),
    record String CODEC(ZSTD(3)),
    INDEX by_call call_id TYPE bloom_filter(0.001) GRANULARITY 1
  ) ENGINE = ReplacingMergeTree PARTITION BY ${dayOf('ended_at')} ORDER BY (ended_at, id)
    SETTINGS index_granularity = 2048`,
  rejections: `(
    at Int64 CODEC(Delta, ZSTD), id String, call_id String CODEC(ZSTD), peer LowCardinality(String),
    direction LowCardinality(String), method LowCardinality(String), code UInt16, record String CODEC(ZSTD(3)),
    INDEX by_call call_id TYPE bloom_filter(0.001) GRANULARITY 1
  ) ENGINE = ReplacingMergeTree PARTITION BY ${dayOf('at')} ORDER BY (at, id) SETTINGS index_granularity = 2048`,
  legs: `(
    ended_at Int64 CODEC(Delta, ZSTD), id String, call_ids Array(String), record String CODEC(ZSTD(3)),
    INDEX by_call call_ids TYPE bloom_filter(0.001) GRANULARITY 1
  ) ENGINE = ReplacingMergeTree PARTITION BY ${dayOf('ended_at')} ORDER BY (ended_at, id)
    SETTINGS index_granularity = 2048`,
  allows: `(peer String, at Int64, source LowCardinality(String), record String CODEC(ZSTD(3)))
    ENGINE = ReplacingMergeTree ORDER BY (peer, at, source)`,
  alerts: `(
    started_at Int64, id String, peer String, kind LowCardinality(String), ended_at Nullable(Int64), is_over UInt8,
    record String CODEC(ZSTD(3))
  ) ENGINE = ReplacingMergeTree(is_over) ORDER BY (started_at, id)`,
  messages: `(
    call_id String, id String, at Int64, count UInt32, base64 String EPHEMERAL,
    data String DEFAULT base64Decode(base64) CODEC(NONE)
  ) ENGINE = ReplacingMergeTree PARTITION BY ${dayOf('at')} ORDER BY (call_id, id) SETTINGS index_granularity = 512`,
  rollups: `(
    step LowCardinality(String), peer String, at Int64 CODEC(Delta, ZSTD), ${nets}, record String CODEC(ZSTD(3)),
    version DateTime64(6) DEFAULT now64(6)
  ) ENGINE = ReplacingMergeTree(version) PARTITION BY (step, toYYYYMM(toDateTime(at, 'UTC'))) ORDER BY (step, peer, at)
    SETTINGS index_granularity = 1024`,
  bases: `(until Int64, peer String, ${nets}) ENGINE = ReplacingMergeTree ORDER BY (until, peer)`,
  stale: `(
    step LowCardinality(String), at Int64, marked SimpleAggregateFunction(max, DateTime64(6)),
    made SimpleAggregateFunction(max, DateTime64(6))
  ) ENGINE = AggregatingMergeTree ORDER BY (step, at)`
}

/** What makes them, statement by statement. */
export const clickhouseStatements = (database: string): string[] => [
  `CREATE DATABASE IF NOT EXISTS ${database}`,
  ...Object.entries(clickhouseTables).map(
    ([table, definition]) => `CREATE TABLE IF NOT EXISTS ${database}.${table} ${definition}`
  )
]

/** deploy/clickhouse/schema.sql, for people. */
export const clickhouseSql = (): string =>
  `-- What Earshot makes in ClickHouse at its start, in the database of --store-database. Written by \`npm run docs\`.

${clickhouseStatements('earshot').join(';\n\n')};
`

/** The tables whose partitions are the UTC days of their own time. */
export const dailyTables: ReadonlySet<string> = new Set(
  Object.entries(clickhouseTables).flatMap(([table, definition]) => (definition.includes('toYYYYMMDD') ? [table] : []))
)

-- What Earshot makes in ClickHouse at its start, in the database of --store-database. Written by `npm run docs`.

CREATE DATABASE IF NOT EXISTS earshot;

CREATE TABLE IF NOT EXISTS earshot.meta (name String, value Int64, version DateTime64(6) DEFAULT now64(6)) ENGINE = ReplacingMergeTree(version) ORDER BY name;

CREATE TABLE IF NOT EXISTS earshot.attempts (
    started_at Int64 CODEC(Delta, ZSTD), id String, call_id String CODEC(ZSTD), peer LowCardinality(String),
    direction LowCardinality(String), class LowCardinality(String), outcome LowCardinality(String),
    caller String CODEC(ZSTD), callee String CODEC(ZSTD), diagnoses Array(LowCardinality(String)),
    record String CODEC(ZSTD(3)),
    INDEX by_call call_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_diagnosis diagnoses TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_number (caller, callee) TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_prefix (caller, callee) TYPE ngrambf_v1(6, 16384, 3, 0) GRANULARITY 1
  ) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMMDD(toDateTime(intDiv(started_at, 1000000), 'UTC')) ORDER BY (started_at, id)
    SETTINGS index_granularity = 2048;

CREATE TABLE IF NOT EXISTS earshot.touches (minute Int64 CODEC(Delta, ZSTD), started_at Int64 CODEC(ZSTD), id String)
    ENGINE = ReplacingMergeTree PARTITION BY toYYYYMMDD(toDateTime(intDiv(minute * 1000000, 1000000), 'UTC')) ORDER BY (minute, started_at, id);

CREATE TABLE IF NOT EXISTS earshot.call_ends (
    ended_at Int64 CODEC(Delta, ZSTD), id String, call_id String CODEC(ZSTD), answered_at Int64 CODEC(ZSTD),
    record String CODEC(ZSTD(3)),
    INDEX by_call call_id TYPE bloom_filter(0.001) GRANULARITY 1
  ) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMMDD(toDateTime(intDiv(ended_at, 1000000), 'UTC')) ORDER BY (ended_at, id)
    SETTINGS index_granularity = 2048;

CREATE TABLE IF NOT EXISTS earshot.rejections (
    at Int64 CODEC(Delta, ZSTD), id String, call_id String CODEC(ZSTD), peer LowCardinality(String),
    direction LowCardinality(String), method LowCardinality(String), code UInt16, record String CODEC(ZSTD(3)),
    INDEX by_call call_id TYPE bloom_filter(0.001) GRANULARITY 1
  ) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMMDD(toDateTime(intDiv(at, 1000000), 'UTC')) ORDER BY (at, id) SETTINGS index_granularity = 2048;

CREATE TABLE IF NOT EXISTS earshot.legs (
    ended_at Int64 CODEC(Delta, ZSTD), id String, call_ids Array(String), record String CODEC(ZSTD(3)),
    INDEX by_call call_ids TYPE bloom_filter(0.001) GRANULARITY 1
  ) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMMDD(toDateTime(intDiv(ended_at, 1000000), 'UTC')) ORDER BY (ended_at, id)
    SETTINGS index_granularity = 2048;

CREATE TABLE IF NOT EXISTS earshot.allows (peer String, at Int64, source LowCardinality(String), record String CODEC(ZSTD(3)))
    ENGINE = ReplacingMergeTree ORDER BY (peer, at, source);

CREATE TABLE IF NOT EXISTS earshot.alerts (
    started_at Int64, id String, peer String, kind LowCardinality(String), ended_at Nullable(Int64), is_over UInt8,
    record String CODEC(ZSTD(3))
  ) ENGINE = ReplacingMergeTree(is_over) ORDER BY (started_at, id);

CREATE TABLE IF NOT EXISTS earshot.messages (
    call_id String, id String, at Int64, count UInt32, base64 String EPHEMERAL,
    data String DEFAULT base64Decode(base64) CODEC(NONE)
  ) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMMDD(toDateTime(intDiv(at, 1000000), 'UTC')) ORDER BY (call_id, id) SETTINGS index_granularity = 512;

CREATE TABLE IF NOT EXISTS earshot.rollups (
    step LowCardinality(String), peer String, at Int64 CODEC(Delta, ZSTD), inbound_setup Int64, inbound_early_media Int64, inbound_established Int64, internal_setup Int64, internal_early_media Int64, internal_established Int64, outbound_setup Int64, outbound_early_media Int64, outbound_established Int64, record String CODEC(ZSTD(3)),
    version DateTime64(6) DEFAULT now64(6)
  ) ENGINE = ReplacingMergeTree(version) PARTITION BY (step, toYYYYMM(toDateTime(at, 'UTC'))) ORDER BY (step, peer, at)
    SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS earshot.bases (until Int64, peer String, inbound_setup Int64, inbound_early_media Int64, inbound_established Int64, internal_setup Int64, internal_early_media Int64, internal_established Int64, outbound_setup Int64, outbound_early_media Int64, outbound_established Int64) ENGINE = ReplacingMergeTree ORDER BY (until, peer);

CREATE TABLE IF NOT EXISTS earshot.stale (
    step LowCardinality(String), at Int64, marked SimpleAggregateFunction(max, DateTime64(6)),
    made SimpleAggregateFunction(max, DateTime64(6))
  ) ENGINE = AggregatingMergeTree ORDER BY (step, at);

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { epochMicros } from '@earshot/units'
import { TestClickhouse } from '../src/clickhouse.fixture.ts'
import { SqliteStore } from '../src/sqlite-store.ts'
import type { AttemptQuery, Store } from '../src/store.ts'
import { Carrier } from './carrier.ts'

/*
 * How fast a store takes attempts with their rejections and ends, how large they are, and how long what a page asks takes:
 *
 *   node libs/store/bench/store.bench.ts --attempts 1e6 [--store clickhouse] [--folder PATH] [--days 30]
 *
 * `--keep` leaves what it wrote and says where; `--of FOLDER`, with the same attempts and days, asks that and writes nothing.
 * `--rollups none` makes none: they take long, and no search reads them.
 *
 * ClickHouse is the engine in process behind HTTP (test/clickhouse): its times are those of one query after the other.
 */

const { values } = parseArgs({
  options: {
    attempts: { type: 'string', default: '1e6' },
    days: { type: 'string', default: '30' },
    store: { type: 'string', default: 'sqlite' },
    folder: { type: 'string', default: tmpdir() },
    batch: { type: 'string', default: '2000' },
    rollups: { type: 'string', default: 'all' },
    keep: { type: 'boolean', default: false },
    of: { type: 'string' }
  }
})
const count = Number(values.attempts)
const folder = values.of ?? mkdtempSync(join(values.folder, 'earshot-store-'))
const clickhouse = values.store === 'clickhouse' ? await TestClickhouse.start(folder) : undefined
const store: Store = clickhouse ? await clickhouse.store() : new SqliteStore(join(folder, 'store.sqlite'))
await store.start()
try {
  const carrier = new Carrier({ seed: 1, attempts: count, days: Number(values.days) })
  if (values.of === undefined) await insert(carrier)
  await ask(carrier)
} finally {
  await store.stop()
  await clickhouse?.stop()
  if (values.keep || values.of !== undefined) say('kept in', folder)
  else rmSync(folder, { recursive: true, force: true })
}

async function insert(carrier: Carrier): Promise<void> {
  const began = performance.now()
  const cpu = process.cpuUsage()
  for (const batch of carrier.batches(Number(values.batch))) await store.write(batch)
  const seconds = (performance.now() - began) / 1e3
  const used = process.cpuUsage(cpu)
  const { bytes } = await store.size()
  say(
    'inserted',
    `${Math.round(count / seconds)} attempts/s, ${((used.user + used.system) / count).toFixed(1)} µs of CPU each`
  )
  say(
    'size',
    `${Math.round(bytes / count)} bytes per attempt with its rejections and ends, ${(bytes / 2 ** 20).toFixed(0)} MiB`
  )
  if (values.rollups === 'none') return
  const refreshing = performance.now()
  const minutes = await store.refresh('minute')
  const hours = await store.refresh('hour')
  const took = (performance.now() - refreshing) / 1e3
  say(
    'rollups',
    `${minutes} minutes, ${hours} hours in ${took.toFixed(1)} s; ${((took / minutes) * 1e3).toFixed(1)} ms per minute`
  )
  const whole = (await store.size()).bytes
  say('with rollups', `${(whole / 2 ** 20).toFixed(0)} MiB`)
}

async function ask(carrier: Carrier): Promise<void> {
  const { from, to } = carrier.range
  const day = (): { from: typeof from; to: typeof to } => {
    const at = epochMicros(from + Math.floor(carrier.random() * Math.max(1, to - from - 86_400e6)))
    return { from: at, to: epochMicros(at + 86_400e6) }
  }
  const attempts = (query: () => AttemptQuery) => async (): Promise<unknown> =>
    store.attempts({ limit: 100, ...query() })
  const pages: Readonly<Record<string, () => Promise<unknown>>> = {
    newest: attempts(() => ({})),
    'of a day': attempts(day),
    'of a peer': attempts(() => ({ peers: [carrier.peer()] })),
    'of a peer in a day': attempts(() => ({ peers: [carrier.peer()], ...day() })),
    'of a group in a day': attempts(() => ({ peers: [1, 2, 3, 4, 5].map(() => carrier.peer()), ...day() })),
    'by outcome': attempts(() => ({ outcomes: ['incompatible'] })),
    'by class and outcome': attempts(() => ({ classes: ['early_media'], outcomes: ['no_answer'] })),
    'of a peer by class': attempts(() => ({ peers: [carrier.peer()], classes: ['unusable'] })),
    'by diagnosis': attempts(() => ({ diagnosis: 'codec_mismatch' })),
    'of a peer by diagnosis': attempts(() => ({ peers: [carrier.peer()], diagnosis: 'codec_mismatch' })),
    'by a rare diagnosis': attempts(() => ({ diagnosis: 'key_missing' })),
    'by rejected method': attempts(() => ({ rejectedMethod: 'UPDATE' })),
    'by caller': attempts(() => ({ caller: { digits: carrier.number() } })),
    'by number': attempts(() => ({ number: { digits: carrier.number() } })),
    'by short prefix': attempts(() => ({ callee: { digits: '49', prefix: true } })),
    'by long prefix': attempts(() => ({ number: { digits: carrier.number().slice(0, 9), prefix: true } })),
    'by Call-ID': attempts(() => ({ callId: carrier.callId() })),
    call: () => store.call(carrier.callId()),
    'rejections of a method': () => store.rejections({ method: 'INFO' }),
    'day of minutes': () => store.series({ ...day(), step: 'minute', peers: [carrier.peer()] }),
    'month of hours': () => store.series({ from, to, step: 'hour', peers: [carrier.peer()] }),
    'month of hours, all peers': () => store.series({ from, to, step: 'hour' }),
    'peers of a day': () => store.peers(day())
  }
  for (const [name, page] of Object.entries(pages)) {
    const times: number[] = []
    for (let run = 0; run < 40; run++) {
      const began = performance.now()
      await page()
      times.push(performance.now() - began)
    }
    times.sort((a, b) => a - b)
    say(name, `p50 ${times[20]!.toFixed(1)} ms, p95 ${times[37]!.toFixed(1)} ms, most ${times[39]!.toFixed(1)} ms`)
  }
}

function say(what: string, text: string): void {
  process.stdout.write(`${what.padEnd(28)}${text}\n`)
}

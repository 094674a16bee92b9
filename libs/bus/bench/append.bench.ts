import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { LocalLog, stamped, type NewRecord, type Stage } from '../src/index.ts'

/**
 * Appends records as a collector does, one for each partition in a cut and one cut per turn, and works them in a stage
 * that emits a record and changes one key of its state for each; both in this process.
 *
 *   node libs/bus/bench/append.bench.ts
 */
const partitions = 4
const megabytes = 256

async function measure(name: string, valueBytes: number, path: string | undefined, retained: number): Promise<object> {
  const topics = { packets: partitions, calls: partitions }
  const log = new LocalLog({ topics, retention: { bytes: retained }, ...(path !== undefined && { path }) })
  await log.start()
  const run = log.run({ input: 'packets', group: 'bench', stage: keeper })
  const cuts = Math.ceil((megabytes * 2 ** 20) / valueBytes / partitions)
  const value = Buffer.alloc(valueBytes, 'INVITE sip:')
  const appendOnly = await timed(() => appendAll(log, value, 0, cuts / 2))
  const workOnly = await timed(async () => {
    await run.start()
    await log.worked('packets', 'bench')
  })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const both = await timed(async () => {
    await appendAll(log, value, cuts / 2, cuts)
    await log.worked('packets', 'bench')
  })
  delay.disable()
  await run.stop()
  await log.stop()
  const records = (cuts / 2) * partitions
  const gigabytes = (records * valueBytes) / 1e9
  return {
    log: name,
    'append MB/s': Math.round((gigabytes * 1e3) / appendOnly.wall),
    'work MB/s': Math.round((gigabytes * 1e3) / workOnly.wall),
    'both MB/s': Math.round((gigabytes * 1e3) / both.wall),
    'append µs/record': Math.round((appendOnly.cpu * 1e6) / records),
    'work µs/record': Math.round((workOnly.cpu * 1e6) / records),
    'both CPU-s/GB': Number((both.cpu / gigabytes).toFixed(2)),
    'stall p99, max ms': `${(delay.percentile(99) / 1e6).toFixed(0)}, ${(delay.max / 1e6).toFixed(0)}`,
    'file MB': path === undefined ? 0 : Math.round(statSync(path).size / 1e6)
  }
}

async function appendAll(log: LocalLog, value: Buffer, from: number, to: number): Promise<void> {
  for (let cut = from; cut < to; cut++) {
    const headers = stamped('bench', cut)
    await log.append(
      'packets',
      Array.from({ length: partitions }, (_, partition): NewRecord => ({ partition, headers, value }))
    )
  }
}

const keeper = (partition: number): Stage => ({
  restore: () => Promise.resolve(),
  handle: records => ({
    emit: records.map(({ offset }) => ({ topic: 'calls', key: `call ${offset}`, value: Buffer.alloc(500) })),
    changed: records.map(({ offset }) => ({ key: `call ${partition} ${offset % 1000}`, value: Buffer.alloc(500) }))
  })
})

async function timed(work: () => Promise<void>): Promise<{ readonly wall: number; readonly cpu: number }> {
  const [started, before] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wall: (performance.now() - started) / 1e3, cpu: (user + system) / 1e6 }
}

const directory = mkdtempSync(join(tmpdir(), 'earshot-bench-'))
try {
  console.table([
    await measure('file, 64 KiB', 64 << 10, join(directory, 'a.sqlite'), 10 * 2 ** 30),
    await measure('file, 64 KiB, keeps 150 MiB', 64 << 10, join(directory, 'b.sqlite'), 150 << 20),
    await measure('file, 8 KiB', 8 << 10, join(directory, 'c.sqlite'), 10 * 2 ** 30),
    await measure('memory, 64 KiB', 64 << 10, undefined, 10 * 2 ** 30)
  ])
} finally {
  rmSync(directory, { recursive: true })
}

import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalLog, type Stage, type StateChange } from '../src/index.ts'

/**
 * A stage keeps the state of open calls, 1 KB under a random key each: a call is written when it begins, again twice
 * while it is young, and deleted when it ends, as long after as there are open calls. 100 calls begin per record.
 * Then the states are restored by a new stage.
 *
 *   node libs/bus/bench/state.bench.ts
 */
const openCalls = 200_000
const measuredCalls = 50_000
const perRecord = 100

const state = Buffer.alloc(1000, 'x')
const keys = Array.from(
  { length: openCalls + measuredCalls },
  (_, call) => `${createHash('md5').update(String(call)).digest('hex')}@192.0.2.1`
)
const written = (call: number): StateChange[] => (call >= 0 ? [{ key: keys[call]!, value: state }] : [])
const deleted = (call: number): StateChange[] => (call >= 0 ? [{ key: keys[call]!, value: undefined }] : [])

let changes = 0
let restored = 0
const calls: Stage = {
  async restore(states) {
    restored = 0
    for await (const _ of states) restored++
  },
  handle(records) {
    const begun = records.flatMap(({ offset }) => Array.from({ length: perRecord }, (_, n) => offset * perRecord + n))
    const changed = begun.flatMap(call => [
      ...written(call),
      ...written(call - 1000),
      ...written(call - 5000),
      ...deleted(call - openCalls)
    ])
    changes += changed.length
    return { emit: [], changed }
  }
}

const directory = mkdtempSync(join(tmpdir(), 'earshot-bench-'))
const log = new LocalLog({ path: join(directory, 'log.sqlite'), topics: { calls: 1 } })
await log.start()

async function work(newCalls: number): Promise<number> {
  const records = Array.from({ length: newCalls / perRecord }, () => ({ partition: 0, value: Buffer.from('.') }))
  await log.append('calls', records)
  const run = log.run({ input: 'calls', group: 'bench', stage: () => calls, batch: { records: 10 } })
  await run.start()
  const before = process.cpuUsage()
  await run.stop()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

try {
  await work(openCalls)
  const run = log.run({ input: 'calls', group: 'bench', stage: () => calls })
  const started = performance.now()
  await run.start()
  const restoreSeconds = (performance.now() - started) / 1e3
  await run.stop()
  const [before, restoredKeys] = [changes, restored]
  const micros = await work(measuredCalls)
  console.table([
    {
      'keys restored': restoredKeys,
      'restore s': Number(restoreSeconds.toFixed(2)),
      'CPU µs per change': Number((micros / (changes - before)).toFixed(1))
    }
  ])
} finally {
  await log.stop()
  rmSync(directory, { recursive: true })
}

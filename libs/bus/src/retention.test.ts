import { describe, expect, it } from '@jest/globals'
import type { RunOptions } from './log.ts'
import { LocalLog } from './local-log.ts'
import { lastRemembered, numbered, numbersIn, runningSum } from './numbers.ts'
import type { Retention } from './retention.ts'
import { untilIdle } from './test-log.fixture.ts'

const hour = 3600e3

/** A log in memory whose clock is told: its records are appended one an hour. */
async function logOf(retention: Partial<Retention>): Promise<{ log: LocalLog; appendHourly: typeof appendHourly }> {
  let nowMs = 0
  const log = new LocalLog({ topics: { in: 1, other: 1, out: 1 }, retention, now: () => nowMs })
  await log.start()
  async function appendHourly(from: number, to: number, topic = 'in'): Promise<void> {
    for (const record of numbered(from, to)) {
      nowMs += hour
      await log.append(topic, [record])
    }
  }
  return { log, appendHourly }
}

const sum: RunOptions = { input: 'in', group: 'sum', stage: () => runningSum(), retryDelaysMs: [] }

describe('the retention of the local log', () => {
  it('deletes what is older than its age', async () => {
    const { log, appendHourly } = await logOf({ ageMs: 3 * hour })
    await appendHourly(1, 10)
    expect(await numbersIn(log, 'in')).toEqual([7, 8, 9, 10])
  })

  it('spares by age what a group has not read', async () => {
    const { log, appendHourly } = await logOf({ ageMs: 3 * hour })
    await appendHourly(1, 2)
    await untilIdle(log, sum)
    await appendHourly(3, 10)
    expect(await numbersIn(log, 'in')).toEqual([3, 4, 5, 6, 7, 8, 9, 10])
    await untilIdle(log, sum)
    expect(await numbersIn(log, 'in')).toEqual([7, 8, 9, 10])
  })

  it('spares by age what a stage wants again', async () => {
    const { log, appendHourly } = await logOf({ ageMs: hour })
    await appendHourly(1, 2)
    await untilIdle(log, { ...sum, stage: () => lastRemembered(5, []) })
    await appendHourly(3, 10)
    await untilIdle(log, { ...sum, stage: () => lastRemembered(5, []) })
    expect(await numbersIn(log, 'in')).toEqual([6, 7, 8, 9, 10])
  })

  it('deletes the oldest of all topics when there is too much, and counts what a group has not read', async () => {
    const { log, appendHourly } = await logOf({ bytes: 6 })
    await appendHourly(1, 2)
    await untilIdle(log, sum)
    await appendHourly(3, 5)
    await appendHourly(6, 9, 'other')
    const kept = [await numbersIn(log, 'in'), await numbersIn(log, 'other')]
    // The two sums emitted, 1 and 3, are as old as hour 2.
    expect(kept).toEqual([
      [4, 5],
      [6, 7, 8, 9]
    ])
    expect(await log.lag()).toEqual([{ group: 'sum', topic: 'in', partition: 0, records: 2, lost: 1 }])
    await untilIdle(log, sum)
    expect((await numbersIn(log, 'out')).at(-1)).toBe(1 + 2 + 4 + 5)
  })

  it('never stops a group that lost all it had not read', async () => {
    const { log, appendHourly } = await logOf({ bytes: 1 })
    await untilIdle(log, sum)
    await appendHourly(1, 9)
    await appendHourly(1, 1, 'other')
    expect(await log.lag()).toEqual([{ group: 'sum', topic: 'in', partition: 0, records: 0, lost: 9 }])
    await untilIdle(log, sum)
    await appendHourly(5, 5)
    await untilIdle(log, sum)
    expect(await log.lag()).toEqual([{ group: 'sum', topic: 'in', partition: 0, records: 0, lost: 9 }])
  })

  it('keeps offsets when a partition was emptied', async () => {
    const { log, appendHourly } = await logOf({ ageMs: hour })
    await appendHourly(1, 3)
    await appendHourly(1, 4, 'other')
    expect(await numbersIn(log, 'in')).toEqual([])
    await appendHourly(4, 4)
    expect(await Array.fromAsync(log.read('in', 0, 0))).toMatchObject([{ offset: 3 }])
  })
})

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { describeKafka } from '../../../test/describe-kafka.ts'
import { KafkaBroker } from '../../../test/kafka-broker.ts'
import { Outgoing } from './kafka-batches.ts'
import { changeRecord, readChangelog } from './kafka-changelog.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import { Fenced } from './kafka-errors.ts'
import { makeTopics } from './kafka-fixture.ts'
import { KafkaLog, type KafkaLogOptions } from './kafka-log.ts'
import { kafkaNames, transactionalIdOf } from './kafka-names.ts'
import type { KafkaObserver } from './kafka-observer.ts'
import { KafkaTransactions } from './kafka-transactions.ts'
import type { Log, LogRecord, Stage, Work } from './log.ts'
import { numbered, numberOf, runningSum, sumsOf } from './numbers.ts'
import { stamped } from './repetitions.ts'

const partitions = [0, 1, 2, 3]

describeKafka('the members of a group', () => {
  let kafka: KafkaBroker
  let options: KafkaLogOptions & { readonly prefix: string }
  let prefixes = 0

  beforeAll(async () => {
    kafka = await KafkaBroker.start()
  }, 120_000)

  afterAll(() => kafka.stop())

  async function opened(observer?: KafkaObserver): Promise<KafkaLog> {
    const log = new KafkaLog({ ...options, ...(observer !== undefined && { observer }) })
    await log.start()
    return log
  }

  async function fresh(): Promise<void> {
    options = { brokers: kafka.brokers, prefix: `members-${prefixes++}.` }
    await makeTopics(options, { in: 1, out: 1, many: 4, sums: 4 }, { in: ['sum'], many: ['sum'] })
  }

  const sums = (log: Log) =>
    log.run({
      input: 'many',
      group: 'sum',
      stage: partition => runningSum('sums', `sum of ${partition}`),
      batch: { records: 10, waitMs: 20 }
    })

  /** What was emitted for each partition, in the order of the log. */
  async function emitted(log: Log): Promise<number[][]> {
    const records = (await Promise.all(partitions.map(each => Array.fromAsync(log.read('sums', each, 0))))).flat()
    return partitions.map(each => records.filter(({ key }) => key === `sum of ${each}`).map(numberOf))
  }

  const toEach = (from: number, to: number) => partitions.flatMap(each => numbered(from, to, each))

  it('commit nothing of a partition that another has taken over, in the middle of a batch', async () => {
    await fresh()
    const fenced: number[] = []
    const log = await opened({ fenced: ({ partition }) => void fenced.push(partition) })
    const cluster = new KafkaCluster(options)
    const other = new KafkaTransactions(cluster, transactionalIdOf(kafkaNames(options.prefix, 'in', 'sum'), 0), 'zstd')
    const firsts: number[] = []
    const stage = (): Stage => {
      const inner = runningSum()
      const handle = async (records: readonly LogRecord[]): Promise<Work> => {
        firsts.push(numberOf(records[0]!))
        if (firsts.length === 2) await other.begin()
        return inner.handle(records)
      }
      return { restore: states => inner.restore(states), handle }
    }
    await log.append('in', numbered(1, 30))
    const run = log.run({ input: 'in', group: 'sum', stage, batch: { records: 10 } })
    await run.start()
    await log.worked('in', 'sum')
    await run.stop()
    expect(fenced).toEqual([0])
    expect(firsts).toEqual([1, 11, 11, 21])
    expect((await Array.fromAsync(log.read('out', 0, 0))).map(numberOf)).toEqual(sumsOf(1, 30))
    cluster.close()
    await log.stop()
  }, 30_000)

  it('fence nobody who has taken over, when they wait for what they have committed', async () => {
    await fresh()
    const cluster = new KafkaCluster(options)
    const { stateTopic, ...names } = kafkaNames(options.prefix, 'in', 'sum')
    const id = transactionalIdOf({ stateTopic, ...names }, 0)
    const [replaced, successor] = [
      new KafkaTransactions(cluster, id, 'zstd'),
      new KafkaTransactions(cluster, id, 'zstd')
    ]
    const commit = async (transactions: KafkaTransactions, value: string) => {
      const outgoing = new Outgoing()
      outgoing.add(stateTopic, 0, changeRecord({ key: 'sum', value: Buffer.from(value) }))
      await transactions.commit(outgoing, undefined, () => undefined)
    }
    const settled = async () => {
      const { states } = await readChangelog(cluster, stateTopic, 0, await cluster.offset(stateTopic, 0, 'latest'))
      return states.get('sum')?.toString()
    }
    await cluster.offset(stateTopic, 0, 'latest') // Until the node leads the new topic.
    await replaced.begin()
    await commit(replaced, '1')
    await replaced.settle(stateTopic, 0)
    expect(await settled()).toBe('1')
    await commit(replaced, '2')
    await successor.begin()
    await expect(replaced.settle(stateTopic, 0)).rejects.toThrow(Fenced)
    await commit(successor, '3')
    await successor.settle(stateTopic, 0)
    expect(await settled()).toBe('3')
    cluster.close()
  }, 30_000)

  it('that come and are stopped before they have started leave no trace', async () => {
    await fresh()
    const [one, other] = [await opened(), await opened()]
    const [oneRun, otherRun] = [sums(one), sums(other)]
    await oneRun.start()
    const starting = otherRun.start().catch((error: Error) => error.message)
    await otherRun.stop()
    expect(await starting).toBe('group sum was stopped before it had started')
    await one.append('many', toEach(1, 10))
    await one.worked('many', 'sum')
    expect(await emitted(one)).toEqual(partitions.map(() => sumsOf(1, 10)))
    await oneRun.stop()
    await Promise.all([one.stop(), other.stop()])
  }, 30_000)

  it('share the partitions out anew when one comes and when one goes, and lose and double nothing', async () => {
    await fresh()
    const shares = new Map<string, readonly number[]>()
    const observe = (name: string): KafkaObserver => ({ rebalanced: each => void shares.set(name, each.partitions) })
    const [one, other] = [await opened(observe('one')), await opened(observe('other'))]
    const [oneRun, otherRun] = [sums(one), sums(other)]
    await oneRun.start()
    let from = 1
    const more = async (count: number) => {
      await one.append('many', toEach(from, from + count - 1))
      from += count
    }
    await more(500)
    const joining = otherRun.start()
    for (let times = 0; times < 10; times++) await more(20)
    await joining
    await one.worked('many', 'sum')
    expect([...shares.values()].map(each => each.length)).toEqual([2, 2])
    expect(new Set([...shares.values()].flat())).toEqual(new Set(partitions))
    const stopping = oneRun.stop()
    for (let times = 0; times < 10; times++) await more(20)
    await stopping
    await more(20) // Only the other can work these.
    await other.worked('many', 'sum')
    expect(shares.get('other')).toEqual(partitions)
    await otherRun.stop()
    expect(await emitted(one)).toEqual(partitions.map(() => sumsOf(1, from - 1)))
    expect((await one.lag()).map(({ records }) => records)).toEqual([0, 0, 0, 0])
    await Promise.all([one.stop(), other.stop()])
  }, 60_000)

  it('take over what one had that was killed, within ten seconds', async () => {
    await fresh()
    const log = await opened()
    const child = (): ChildProcess =>
      spawn(
        process.execPath,
        [join(import.meta.dirname, 'numbers-kafka.child.ts'), kafka.brokers[0]!, options.prefix],
        {
          stdio: ['ignore', 'pipe', 'inherit']
        }
      )
    let next = 1
    const append = async (count: number) => {
      const last = next + count - 1
      const records = partitions.flatMap(each =>
        numbered(next, last, each).map(record => ({ ...record, headers: stamped('the test', numberOf(record)) }))
      )
      await log.append('many', records)
      next = last + 1
    }
    for (let kills = 0; kills < 2; kills++) {
      const victim = child()
      await restoredPartitions(victim, 4)
      await append(100)
      const killed = performance.now()
      victim.kill('SIGKILL')
      await once(victim, 'close')
      const successor = child()
      await append(50)
      await restoredPartitions(successor, 4)
      expect(performance.now() - killed).toBeLessThan(10_000)
      const ended = once(successor, 'close')
      successor.kill('SIGKILL')
      await ended
    }
    const run = sums(log)
    await run.start()
    await run.stop()
    expect(await emitted(log)).toEqual(partitions.map(() => sumsOf(1, next - 1)))
    await log.stop()
  }, 120_000)
})

/** Resolves when the child has taken over so many partitions. */
async function restoredPartitions(child: ChildProcess, count: number): Promise<void> {
  const restored = new Set<string>()
  for await (const line of createInterface(child.stdout!)) {
    if (line.startsWith('failed')) continue
    restored.add(line)
    if (restored.size === count) break
  }
  child.stdout!.resume()
}

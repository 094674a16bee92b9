import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { NewRecord } from '@earshot/bus'
import { SqliteStore, type Store } from '@earshot/store'
import { attempt, rejection } from '../monitor/monitor.fixture.ts'
import { TestPartition } from '../correlator/partition.fixture.ts'
import { MessagesStage, type MessagesParts, type Unheld } from './messages-stage.ts'
import { after, packets, sip, tick } from './recorder.fixture.ts'
import { MemorySegment } from './segment.ts'
import { Wanted } from './wanted.ts'

type Test = { readonly store: Store; readonly wanted: Wanted; readonly unheld: Unheld[]; work(): Promise<void> }

async function recording(records: readonly NewRecord[], change: Partial<MessagesParts> = {}): Promise<Test> {
  const store = new SqliteStore()
  await store.start()
  const wanted = new Wanted(0)
  const unheld: Unheld[] = []
  let held = 0
  const partition = new TestPartition(
    records,
    () =>
      new MessagesStage({
        store,
        wanted,
        newSegment: () => new MemorySegment(),
        holdSeconds: 900,
        holdBytes: 1e6,
        isDiskFull: () => false,
        heldBytes: () => held,
        onHeld(change) {
          held += change
        },
        onKept: () => undefined,
        onUnheld: (_, why) => unheld.push(why),
        ...change
      })
  )
  return { store, wanted, unheld, work: () => partition.work(1) }
}

const payloadsOf = async (store: Store, callId: string): Promise<string[]> =>
  (await store.call(callId)).messages.map(({ payload }) => payload.toString('latin1').split(' ')[0]!)

describe('raw messages', () => {
  it('are kept as soon as their call is known to be worth it, and what follows of it when its time is over', async () => {
    const test = await recording([
      packets(sip('a', after(0)), sip('b', after(1))),
      tick(after(2)),
      packets(sip('a', after(3), 'BYE')),
      tick(after(20 * 60))
    ])
    await test.work()
    test.wanted.note({ rejections: [{ ...rejection('far', 'OPTIONS'), callId: 'a' }] })
    await test.store.write({ rejections: [{ ...rejection('far', 'OPTIONS'), callId: 'a' }] })
    expect(await payloadsOf(test.store, 'a')).toEqual([])
    await test.work()
    expect(await payloadsOf(test.store, 'a')).toEqual(['OPTIONS'])
    await test.work()
    await test.work()
    expect(await payloadsOf(test.store, 'a')).toEqual(['OPTIONS', 'BYE'])
    expect(await payloadsOf(test.store, 'b')).toEqual([])
  })

  it('of calls that other processes have recorded are found by asking the store, before they would go', async () => {
    const test = await recording([packets(sip('a', after(0))), tick(after(14 * 60)), tick(after(17 * 60))])
    await test.store.write({ attempts: [attempt('far', { callId: 'a', outcome: 'no_answer' })] })
    await test.work()
    await test.work()
    expect(await payloadsOf(test.store, 'a')).toEqual([])
    await test.work()
    expect(await payloadsOf(test.store, 'a')).toEqual(['OPTIONS'])
  })

  it('of a sample of the others are kept', async () => {
    const test = await recording([packets(sip('a', after(0))), tick(after(17 * 60))], { wanted: new Wanted(1) })
    await test.work()
    await test.work()
    expect(await payloadsOf(test.store, 'a')).toEqual(['OPTIONS'])
  })

  it('that are too many are judged early, and told', async () => {
    const test = await recording([packets(sip('a', after(0)), sip('b', after(1)))], { holdBytes: 10 })
    await test.store.write({ attempts: [attempt('far', { callId: 'a', outcome: 'no_answer' })] })
    await test.work()
    expect(await payloadsOf(test.store, 'a')).toEqual(['OPTIONS'])
    expect(await payloadsOf(test.store, 'b')).toEqual([])
    expect(test.unheld).toEqual(['full'])
  })

  it('that are too many with those of other partitions are judged early', async () => {
    const test = await recording([packets(sip('a', after(0)))], { holdBytes: 1e6, heldBytes: () => 1e6 + 1 })
    await test.work()
    expect(test.unheld).toEqual(['full'])
  })

  it('are neither held nor kept while the disk is nearly full', async () => {
    const test = await recording([packets(sip('a', after(0))), tick(after(17 * 60))], {
      isDiskFull: () => true,
      wanted: new Wanted(1)
    })
    await test.work()
    await test.work()
    expect(await payloadsOf(test.store, 'a')).toEqual([])
    expect(test.unheld).toEqual(['disk'])
  })

  it('are the same after crashes as without, wherever batches were cut', async () => {
    const times = Array.from({ length: 30 }, (_, index) => index * 60)
    const records = times.flatMap(at => [
      packets(sip(`call ${at}`, after(at)), sip(`call ${at + 60}`, after(at + 1), 'ACK'), sip('pings', after(at + 2))),
      tick(after(at + 30))
    ])
    const batches = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom('none', 'before commit', 'after commit')),
      { minLength: 3, maxLength: 12 }
    )
    await fc.assert(
      fc.asyncProperty(batches, async cuts => {
        const store = new SqliteStore()
        await store.start()
        const telling = times.filter(at => at % 180 === 0).map(at => `call ${at}`)
        await store.write({
          rejections: telling.map(callId => ({ ...rejection('far', 'UPDATE'), callId, id: callId }))
        })
        const stage = (): MessagesStage =>
          new MessagesStage({
            store,
            wanted: new Wanted(0),
            newSegment: () => new MemorySegment(),
            holdSeconds: 120,
            holdBytes: 1e6,
            isDiskFull: () => false,
            heldBytes: () => 0,
            onHeld: () => undefined,
            onKept: () => undefined,
            onUnheld: () => undefined
          })
        const partition = new TestPartition(records, stage)
        for (const [count, crash] of cuts) await partition.work(count, crash as 'none')
        while (!partition.isDone) await partition.work(5)
        for (const at of times.filter(each => each < 25 * 60)) {
          const callId = `call ${at}`
          const own = at === 0 ? ['OPTIONS'] : ['ACK', 'OPTIONS']
          expect((await payloadsOf(store, callId)).sort()).toEqual(telling.includes(callId) ? own : [])
        }
        await store.stop()
      }),
      { numRuns: 25 }
    )
  })
})

import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { NewRecord } from '@earshot/bus'
import { SqliteStore, type Store } from '@earshot/store'
import { alertRecord, callsRecord, topics } from '../pipeline.ts'
import { TestPartition } from '../correlator/partition.fixture.ts'
import { attempt, rejection } from '../monitor/monitor.fixture.ts'
import { RecordsStage } from './records-stage.ts'
import { after, noon } from './recorder.fixture.ts'

const recordOf = ({ headers, value }: ReturnType<typeof callsRecord>): NewRecord => ({
  partition: 0,
  value,
  ...(headers && { headers })
})

const opened = async (): Promise<Store> => {
  const store = new SqliteStore()
  await store.start()
  return store
}

describe('the recorder', () => {
  const records = Array.from({ length: 40 }, (_, index) => [
    recordOf(callsRecord(attempt('far', { id: `a${index}`, callId: `c${index}`, startedAt: after(index) }), 0, 1)),
    recordOf(callsRecord({ ...rejection('far', 'UPDATE'), id: `r${index}`, at: after(index) }, 0, 1)),
    recordOf(callsRecord({ kind: 'allow', at: after(index), peer: 'far', source: 'options', methods: [] }, 0, 1))
  ]).flat()

  it('leaves the store equal to the log, whatever crashes there are', async () => {
    const batches = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 50 }), fc.constantFrom('none', 'before commit', 'after commit')),
      { maxLength: 8 }
    )
    await fc.assert(
      fc.asyncProperty(batches, async cuts => {
        const store = await opened()
        const partition = new TestPartition(
          records,
          () => new RecordsStage(topics.calls, { store, onKept: () => undefined })
        )
        for (const [count, crash] of cuts) await partition.work(count, crash as 'none')
        while (!partition.isDone) await partition.work(50)
        expect((await store.attempts({})).rows.map(({ id }) => id)).toEqual(
          Array.from({ length: 40 }, (_, index) => `a${39 - index}`)
        )
        expect((await store.rejections({})).rows).toHaveLength(40)
        expect(await store.capabilityHistory('far')).toHaveLength(40)
        await store.stop()
      })
    )
  })

  it('keeps alerts, as they start and as they end', async () => {
    const store = await opened()
    const alert = {
      id: 'x',
      kind: 'spike',
      peer: 'far',
      severity: 'warning',
      startedAt: noon,
      raisedAt: noon,
      summary: 's',
      evidence: {},
      advice: 'a',
      runbook: 'r'
    } as const
    const ended = { ...alert, endedAt: after(60) }
    const partition = new TestPartition(
      [recordOf(alertRecord(alert)), recordOf(alertRecord(ended))],
      () => new RecordsStage(topics.alerts, { store, onKept: () => undefined })
    )
    await partition.work(1)
    expect((await store.alerts({ active: true })).rows).toEqual([alert])
    await partition.work(1)
    expect((await store.alerts({ active: true })).rows).toEqual([])
    expect((await store.alerts({ peers: ['far'] })).rows).toEqual([ended])
  })
})

import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import type { StateChange } from '@earshot/bus'
import type { CallsOutput } from '../pipeline.ts'
import { after, attempt, counts, pending, pendingPart, TestMonitor } from './monitor.fixture.ts'
import { MonitorView } from './view.ts'

/** What monitors have committed, as the log tells it. */
class Committed {
  readonly #partitions: { readonly state: Map<string, Buffer>; readonly told: StateChange[]; broken: boolean }[]
  #wake = (): void => undefined

  constructor(partitions: number) {
    this.#partitions = Array.from({ length: partitions }, () => ({ state: new Map(), told: [], broken: false }))
  }

  async partitions(): Promise<number> {
    return this.#partitions.length
  }

  commit(partition: number, changed: readonly StateChange[]): void {
    const { state, told } = this.#partitions[partition]!
    for (const change of changed) {
      if (change.value) state.set(change.key, change.value)
      else state.delete(change.key)
    }
    told.push(...changed)
    this.#wake()
  }

  /** Whoever follows the partition is told no more, and has to begin again. */
  breakOff(partition: number): void {
    this.#partitions[partition]!.broken = true
    this.#wake()
  }

  async *states(_input: string, _group: string, partition: number, follow?: AbortSignal): AsyncGenerator<StateChange> {
    const from = this.#partitions[partition]!
    let at = from.told.length
    yield* Array.from(from.state, ([key, value]) => ({ key, value }))
    while (follow?.aborted !== true) {
      if (from.broken) {
        from.broken = false
        throw new Error('the broker is gone')
      }
      if (at < from.told.length) yield from.told[at++]!
      else await this.#change(follow)
    }
  }

  /** Of any partition. */
  async #change(follow: AbortSignal | undefined): Promise<void> {
    await new Promise<void>(resolve => {
      const before = this.#wake
      this.#wake = () => {
        before()
        resolve()
      }
      follow?.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

async function following(committed: Committed, onTrouble?: (error: Error) => void): Promise<MonitorView> {
  const view = new MonitorView({ log: committed, retryAfterMs: 0, ...(onTrouble && { onTrouble }) })
  await view.start()
  await told()
  return view
}

/** Until whoever follows has been told. */
async function told(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

const open = attempt('far', { outcome: 'open' })

/** What a monitor commits for these records. */
const changesOf = (monitor: TestMonitor, ...outputs: readonly CallsOutput[]): readonly StateChange[] =>
  monitor.commit(monitor.stage.handle(outputs.map(output => monitor.record(output)))).changed

describe('MonitorView', () => {
  it('shows all partitions together', async () => {
    const committed = new Committed(3)
    committed.commit(
      0,
      changesOf(new TestMonitor(), attempt('far'), counts({ sip: 3, calls: 1 }), pending(0, after(5)))
    )
    const view = await following(committed)
    committed.commit(2, changesOf(new TestMonitor(), attempt('near'), counts({ sip: 4 }), pending(0, after(4), open)))
    await told()
    expect(view.rows()).toMatchObject([
      { peer: 'far', attempts: 2, outcomes: { answered: 1, open: 1 } },
      { peer: 'near', attempts: 1 }
    ])
    expect(view.counts).toMatchObject({ sip: 7, calls: 1 })
    expect([view.since, view.watermark]).toEqual([after(4), after(4)])
    await view.stop()
  })

  it('has nothing before anything was committed', async () => {
    const view = await following(new Committed(2))
    expect(view.rows()).toEqual([])
    expect(view.counts).toMatchObject({ sip: 0, calls: 0 })
    expect([view.since, view.watermark]).toEqual([undefined, undefined])
    await view.stop()
  })

  it('shows whole commits only', async () => {
    const committed = new Committed(1)
    const view = await following(committed)
    const changes = changesOf(new TestMonitor(), attempt('far'), pending(0, after(1), open))
    committed.commit(0, changes.slice(0, -1))
    await told()
    expect(view.rows()).toEqual([])
    committed.commit(0, changes.slice(-1))
    await told()
    expect(view.rows()).toMatchObject([{ attempts: 2 }])
    await view.stop()
  })

  it('forgets what is deleted', async () => {
    const committed = new Committed(1)
    const view = await following(committed)
    const monitor = new TestMonitor()
    committed.commit(0, changesOf(monitor, pendingPart(0, [0, 2], after(1)), pendingPart(0, [1, 2], after(1), open)))
    await told()
    expect(view.rows()).toHaveLength(1)
    committed.commit(0, changesOf(monitor, pending(0, after(2))))
    await told()
    expect(view.rows()).toEqual([])
    expect(view.watermark).toBe(after(2))
    await view.stop()
  })

  it('goes on showing what it had when it cannot be told, and begins again', async () => {
    const [committed, troubles] = [new Committed(1), [] as string[]]
    const view = await following(committed, ({ message }) => troubles.push(message))
    const monitor = new TestMonitor()
    committed.commit(0, changesOf(monitor, attempt('far'), pending(0, after(1), open)))
    await told()
    committed.breakOff(0)
    expect(view.rows()).toMatchObject([{ attempts: 2 }])
    committed.commit(0, changesOf(monitor, attempt('far'), pending(0, after(2))))
    while (view.watermark !== after(2)) await setImmediate()
    expect(view.rows()).toMatchObject([{ attempts: 2, outcomes: { answered: 2 } }])
    expect(troubles).toEqual(['The figures of partition 0 stand still'])
    await view.stop()
  })

  it('keeps how the figures rose', async () => {
    const committed = new Committed(1)
    const view = await following(committed)
    const monitor = new TestMonitor()
    for (const second of [0, 10, 20]) {
      committed.commit(0, changesOf(monitor, attempt('far'), attempt('far'), pending(0, after(second))))
      await told()
    }
    expect(view.history.show(60)).toMatchObject({ peers: { 'far|outbound': { attempts: [2, 2] } } })
    await view.stop()
  })
})

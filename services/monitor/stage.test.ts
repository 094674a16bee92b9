import { describe, expect, it } from '@jest/globals'
import { maxValueBytes, type LogRecord, type StateChange, type StateEntry } from '@earshot/bus'
import { noCounts, type AttemptRecord, type CallsRecord, type RejectionRecord } from '@earshot/calls'
import { Figures, PeerNames } from '@earshot/peers'
import { catalogue, Metrics } from '@earshot/telemetry'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import { callsRecord, type CallsOutput } from '../pipeline.ts'
import { observeFigures } from './observe-figures.ts'
import { MonitorStage } from './stage.ts'

const noon = epochMicros(1_767_225_600e6)
const after = (count: number): EpochMicros => plus(noon, seconds(count))

const attempt = (peer: string, change: Partial<AttemptRecord> = {}): AttemptRecord => ({
  kind: 'attempt',
  id: 'a',
  callId: 'c',
  peer,
  direction: 'outbound',
  responder: peer,
  from: '',
  to: '',
  startedAt: noon,
  endedAt: noon,
  class: 'early_media',
  outcome: 'answered',
  status: 200,
  firstCode: 183,
  alerted: false,
  earlyMediaSeconds: 2.5,
  responses183: { withSdp: 1, withoutSdp: 0 },
  transactions: 1,
  retries: [],
  flags: [],
  registry: '',
  ...change
})

const rejection = (peer: string, method: string, code = 501): RejectionRecord => ({
  kind: 'rejection',
  id: 'r',
  at: noon,
  callId: 'c',
  peer,
  direction: 'outbound',
  requester: '',
  responder: peer,
  method,
  code,
  vias: 1,
  origin: true,
  registry: ''
})

const counts = (change: object): CallsOutput => ({ kind: 'counts', counts: { ...noCounts(), notSip: 0, ...change } })

/** What a partition says of attempts that are not over, in one part. */
const pending = (partition: number, watermark: EpochMicros, ...records: readonly CallsRecord[]): CallsOutput =>
  pendingPart(partition, [0, 1], watermark, ...records)

function pendingPart(
  partition: number,
  [part, parts]: readonly [number, number],
  watermark: EpochMicros,
  ...records: readonly CallsRecord[]
): CallsOutput {
  const figures = new Figures()
  for (const record of records) figures.add(record)
  return { kind: 'pending', partition, part, parts, watermark, sums: [...figures.sums()] }
}

const recordOf = (output: CallsOutput): LogRecord => {
  const { key, headers = {}, value } = callsRecord(output)
  return { partition: 0, offset: 0, key, headers, value, replayed: false }
}

/** A monitor over a state that outlives it. */
class TestMonitor {
  readonly watermarks: (number | undefined)[] = []
  readonly state = new Map<string, Buffer>()
  readonly #maxPeers: number
  stage: MonitorStage

  constructor(maxPeers = 5_000) {
    this.#maxPeers = maxPeers
    this.stage = this.#make()
  }

  take(...outputs: readonly CallsOutput[]): this {
    const closed = outputs.some(({ kind }) => kind === 'pending') ? outputs : [...outputs, pending(0, noon)]
    const { emit, changed } = this.stage.handle(closed.map(recordOf))
    expect(emit).toEqual([])
    for (const { key, value } of changed as readonly StateChange[]) {
      if (value) this.state.set(key, value)
      else this.state.delete(key)
    }
    return this
  }

  async restart(): Promise<this> {
    this.stage = this.#make()
    await this.stage.restore(this.#entries())
    return this
  }

  #make(): MonitorStage {
    return new MonitorStage(new PeerNames(this.#maxPeers), ({ watermark }) => this.watermarks.push(watermark))
  }

  async *#entries(): AsyncGenerator<StateEntry> {
    for (const [key, value] of this.state) yield { key, value }
  }
}

describe('MonitorStage', () => {
  it('sums records per peer and direction', () => {
    const { stage } = new TestMonitor().take(
      attempt('far'),
      attempt('far', { outcome: 'busy', class: 'none', earlyMediaSeconds: 0 }),
      attempt('far', { direction: 'inbound' }),
      rejection('far', 'UPDATE'),
      { kind: 'allow', at: noon, peer: 'far', source: 'answer', methods: ['INVITE', 'ACK'] }
    )
    expect(stage.rows()).toMatchObject([
      { peer: 'far', direction: 'inbound', attempts: 1, rejections: [] },
      {
        peer: 'far',
        direction: 'outbound',
        attempts: 2,
        outcomes: { answered: 1, busy: 1 },
        classes: { early_media: 1, none: 1 },
        earlyMedia: { attempts: 1, outcomes: { answered: 1 }, seconds: 2.5 },
        rejections: [{ method: 'UPDATE', code: 501, transactions: 1 }],
        allow: ['ACK', 'INVITE']
      }
    ])
  })

  it('shows attempts that are not over as each partition said last', () => {
    const open = attempt('far', { outcome: 'open' })
    const monitor = new TestMonitor().take(attempt('far'), pending(0, after(1), open, open), pending(1, after(1), open))
    expect(monitor.stage.rows()).toMatchObject([{ attempts: 4, outcomes: { answered: 1, open: 3 } }])
    monitor.take(pending(0, after(2), open))
    expect(monitor.stage.rows()).toMatchObject([{ attempts: 3, outcomes: { answered: 1, open: 2 } }])
  })

  it('puts the parts of a partition together, and forgets them with its next first one', async () => {
    const [near, far] = [attempt('near', { outcome: 'open' }), attempt('far', { outcome: 'open' })]
    const monitor = new TestMonitor()
    monitor.take(pendingPart(0, [0, 2], after(1), near), pendingPart(0, [1, 2], after(1), far))
    expect(monitor.watermarks).toEqual([after(1)])
    expect(monitor.stage.rows()).toMatchObject([{ peer: 'far' }, { peer: 'near' }])
    await monitor.restart()
    expect(monitor.stage.rows()).toMatchObject([{ peer: 'far' }, { peer: 'near' }])
    expect([...monitor.state.keys()]).toEqual(expect.arrayContaining(['pending 0 0', 'pending 0 1']))
    monitor.take(pendingPart(0, [0, 1], after(2), near))
    expect(monitor.stage.rows()).toMatchObject([{ peer: 'near' }])
    expect([...monitor.state.keys()]).not.toContain('pending 0 1')
  })

  it('is as far as its slowest partition, and says so after each tick', () => {
    const monitor = new TestMonitor().take(pending(0, after(1)), pending(1, after(5)), pending(0, after(9)))
    expect(monitor.watermarks).toEqual([after(1), after(1), after(5)])
  })

  it('shows nothing of a tick that is not complete, and reads it again after a crash', async () => {
    const monitor = new TestMonitor().take(pending(0, after(1), attempt('far', { outcome: 'open' })))
    const [first, second] = [attempt('far'), pending(0, after(2))].map(recordOf)
    expect(monitor.stage.handle([{ ...first!, offset: 7 }])).toMatchObject({ emit: [], resumeFrom: 7 })
    expect(monitor.stage.rows()).toMatchObject([{ attempts: 1, outcomes: { open: 1 } }])
    await monitor.restart()
    expect(monitor.stage.rows()).toMatchObject([{ attempts: 1, outcomes: { open: 1 } }])
    const again = [
      { ...first!, offset: 7, replayed: true },
      { ...second!, offset: 8 }
    ]
    expect(monitor.stage.handle(again)).not.toHaveProperty('resumeFrom')
    expect(monitor.stage.rows()).toMatchObject([{ attempts: 1, outcomes: { answered: 1 } }])
  })

  it('counts messages and calls', () => {
    const { stage } = new TestMonitor().take(counts({ sip: 5, calls: 1 }), counts({ sip: 2, late: 1, notSip: 3 }))
    expect(stage.counts).toEqual({ ...noCounts(), sip: 7, calls: 1, late: 1, notSip: 3 })
  })

  it('goes on after a restart with everything it had', async () => {
    const monitor = new TestMonitor().take(
      attempt('far'),
      rejection('far', 'INFO'),
      counts({ sip: 4 }),
      pending(0, after(1))
    )
    const before = monitor.stage.rows()
    await monitor.restart()
    expect(monitor.stage.rows()).toEqual(before)
    expect(monitor.stage.counts).toMatchObject({ sip: 4 })
    monitor.take(attempt('far'), counts({ sip: 1 }))
    expect(monitor.stage.rows()).toMatchObject([{ attempts: 2, outcomes: { answered: 2 } }])
    expect(monitor.stage.counts).toMatchObject({ sip: 5 })
  })

  it('shows after a restart at once the attempts that are not over', async () => {
    const monitor = new TestMonitor().take(pending(0, after(1), attempt('far', { outcome: 'open' })))
    await monitor.restart()
    expect(monitor.stage.rows()).toMatchObject([{ peer: 'far', outcomes: { open: 1 } }])
    expect(monitor.stage.watermark).toBe(after(1))
  })

  it('says since when its figures are, restarts included', async () => {
    const monitor = new TestMonitor()
    expect(monitor.stage.since).toBeUndefined()
    monitor.take(attempt('far'), pending(0, after(1)), pending(0, after(2)))
    await monitor.restart()
    monitor.take(pending(0, after(100)))
    expect(monitor.stage.since).toBe(after(1))
  })

  it('refuses a state and records that a later version wrote', async () => {
    const monitor = new TestMonitor().take(attempt('far'))
    for (const key of ['told', 'pending 0 0']) {
      monitor.state.clear()
      monitor.state.set(key, Buffer.from('{"format":2}'))
      await expect(monitor.restart()).rejects.toThrow('format 2')
    }
    expect(() => monitor.stage.handle([{ ...recordOf(attempt('far')), headers: { format: '2' } }])).toThrow('format 2')
  })

  it('makes no value that the log refuses, whatever methods are rejected', () => {
    const monitor = new TestMonitor()
    for (let index = 0; index < 200; index++) monitor.take(rejection('far', `M${index}${'x'.repeat(40_000)}`))
    expect(Math.max(...[...monitor.state.values()].map(({ length }) => length))).toBeLessThanOrEqual(maxValueBytes)
  })
})

describe('MonitorStage past the most peers that it may name', () => {
  const peersOf = ({ stage }: TestMonitor): string[] => stage.rows().map(({ peer }) => peer)

  it('sums under other, and counts each record once', () => {
    const open = attempt('c', { outcome: 'open' })
    const monitor = new TestMonitor(2).take(attempt('a'), attempt('b'), pending(0, after(1), open, open))
    monitor.take(attempt('c'), rejection('c', 'INFO'), attempt('a'), pending(0, after(2), open))
    for (let looks = 0; looks < 3; looks++) expect(peersOf(monitor)).toEqual(['a', 'b', 'other'])
    expect(monitor.stage.rows()).toMatchObject([{ attempts: 2 }, { attempts: 1 }, { attempts: 2 }])
    expect(monitor.stage.sinceStart.overflows).toBe(2)
  })

  it('still does after a restart', async () => {
    const monitor = new TestMonitor(2).take(attempt('a'), pending(0, after(1), attempt('b', { outcome: 'open' })))
    await monitor.restart()
    monitor.take(attempt('c'), attempt('a'), attempt('b'), pending(0, after(2)))
    expect(monitor.stage.rows()).toMatchObject([
      { peer: 'a', attempts: 2 },
      { peer: 'b', attempts: 1 },
      { peer: 'other', attempts: 1 }
    ])
    await monitor.restart()
    monitor.take(attempt('b'), attempt('d'))
    expect(peersOf(monitor)).toEqual(['a', 'b', 'other'])
  })
})

describe('metrics of figures', () => {
  const seriesOf = async (monitor: TestMonitor, name: string): Promise<string[]> => {
    const metrics = new Metrics({ version: 'test' })
    observeFigures(metrics, () => monitor.stage)
    const lines = (await metrics.prometheusText()).split('\n').filter(line => line.startsWith(`${name}{`))
    return lines.filter(line => !line.endsWith(' 0')).map(line => line.slice(name.length))
  }

  it('count from the start of the process, though the figures go on', async () => {
    const monitor = await new TestMonitor().take(attempt('far'), rejection('far', 'INFO'), counts({ sip: 3 })).restart()
    for (const name of ['earshot_attempts_total', 'earshot_rejections_total', 'earshot_messages_total']) {
      expect(await seriesOf(monitor, name)).toEqual([])
    }
    monitor.take(attempt('far'), rejection('far', 'INFO'), counts({ sip: 1, notSip: 2 }))
    expect(await seriesOf(monitor, 'earshot_attempts_total')).toEqual([
      '{peer="far",direction="outbound",class="early_media",outcome="answered"} 1'
    ])
    expect(await seriesOf(monitor, 'earshot_rejections_total')).toEqual([
      '{peer="far",direction="outbound",method="INFO",code="501"} 1'
    ])
    expect(await seriesOf(monitor, 'earshot_messages_total')).toEqual(['{kind="sip"} 1', '{kind="not_sip"} 2'])
  })

  it('show the peers of before the restart at 0', async () => {
    const monitor = await new TestMonitor().take(attempt('far')).restart()
    const metrics = new Metrics({ version: 'test' })
    observeFigures(metrics, () => monitor.stage)
    const text = await metrics.prometheusText()
    expect(text).toContain('{peer="far",direction="outbound",class="early_media",outcome="no_answer"} 0')
    expect(text).toContain('{peer="far",direction="outbound",method="UPDATE",code="501"} 0')
  })

  it('show 5,000 peers in both directions one by one, with what was counted before any zero', async () => {
    const monitor = new TestMonitor()
    const peers = Array.from({ length: 5_000 }, (_, index) => `peer ${index}`)
    for (const direction of ['inbound', 'outbound'] as const) {
      monitor.take(
        ...peers.map(peer => attempt(peer, { direction, class: 'none', outcome: 'busy' })),
        ...peers.map(peer => ({ ...rejection(peer, 'REFER'), direction }))
      )
    }
    const metrics = new Metrics({ version: 'test' })
    observeFigures(metrics, () => monitor.stage)
    const text = await metrics.prometheusText()
    expect(text).not.toContain('peer="other"')
    expect(text).not.toContain('earshot_series_overflow_total{')
    expect(text.match(/^earshot_attempts_total\{.*class="none",outcome="busy"\} 1$/gm)).toHaveLength(10_000)
    expect(text.match(/^earshot_rejections_total\{.*method="REFER",code="501"\} 1$/gm)).toHaveLength(10_000)
    expect(text.match(/^earshot_attempts_total\{.*class="early_media",outcome="answered"\} 0$/gm)).toHaveLength(10_000)
  })

  it('leave out zeros where there is no room for them', async () => {
    const monitor = new TestMonitor(50_000)
    const peers = Array.from({ length: 30_000 }, (_, index) => `peer ${index}`)
    monitor.take(...peers.map(peer => rejection(peer, 'REFER')))
    const metrics = new Metrics({ version: 'test' })
    observeFigures(metrics, () => monitor.stage)
    const lines = (await metrics.prometheusText()).split('\n').filter(line => line.startsWith('earshot_rejections'))
    expect(lines.filter(line => line.endsWith('} 1')).length).toBe(30_000)
    expect(lines.filter(line => line.endsWith('} 0')).length).toBe(30_000)
    expect(lines.filter(line => line.includes('peer="other"'))).toEqual([])
  })

  it('show attempts that are not over apart from those that are', async () => {
    const monitor = new TestMonitor().take(attempt('far'), pending(0, after(1), attempt('far', { outcome: 'open' })))
    expect(await seriesOf(monitor, 'earshot_attempts_pending')).toEqual([
      '{peer="far",direction="outbound",class="early_media",outcome="open"} 1'
    ])
  })

  it('name methods outside the catalogue OTHER', async () => {
    const monitor = new TestMonitor().take(rejection('far', 'UPDATE'), rejection('far', 'FOO'), rejection('far', 'BAR'))
    expect(await seriesOf(monitor, 'earshot_rejections_total')).toEqual([
      '{peer="far",direction="outbound",method="UPDATE",code="501"} 1',
      '{peer="far",direction="outbound",method="OTHER",code="501"} 2'
    ])
    expect(catalogue.rejections.values.method).toContain('OTHER')
  })
})

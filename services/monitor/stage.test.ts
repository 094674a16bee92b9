import { describe, expect, it } from '@jest/globals'
import { maxValueBytes } from '@earshot/bus'
import { noCounts } from '@earshot/calls'
import { after, attempt, counts, noon, pending, pendingPart, rejection, TestMonitor } from './monitor.fixture.ts'

describe('MonitorStage', () => {
  it('sums records per peer and direction', () => {
    const monitor = new TestMonitor().take(
      attempt('far'),
      attempt('far', { outcome: 'busy', class: 'none', earlyMediaSeconds: 0 }),
      attempt('far', { direction: 'inbound' }),
      rejection('far', 'UPDATE'),
      { kind: 'allow', at: noon, peer: 'far', source: 'answer', methods: ['INVITE', 'ACK'] }
    )
    expect(monitor.rows()).toMatchObject([
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

  it('shows attempts that are not over as each source said last', () => {
    const open = attempt('far', { outcome: 'open' })
    const monitor = new TestMonitor().take(attempt('far'), pending(0, after(1), open, open), pending(1, after(1), open))
    expect(monitor.rows()).toMatchObject([{ attempts: 4, outcomes: { answered: 1, open: 3 } }])
    monitor.take(pending(0, after(2), open))
    expect(monitor.rows()).toMatchObject([{ attempts: 3, outcomes: { answered: 1, open: 2 } }])
  })

  it('puts the parts of a source together, and forgets them with its next first one', async () => {
    const [near, far] = [attempt('near', { outcome: 'open' }), attempt('far', { outcome: 'open' })]
    const monitor = new TestMonitor()
    monitor.take(pendingPart(0, [0, 2], after(1), near), pendingPart(0, [1, 2], after(1), far))
    expect(monitor.rows()).toMatchObject([{ peer: 'far' }, { peer: 'near' }])
    await monitor.restart()
    expect(monitor.rows()).toMatchObject([{ peer: 'far' }, { peer: 'near' }])
    expect([...monitor.state.keys()]).toEqual(expect.arrayContaining(['pending 0 0', 'pending 0 1']))
    monitor.take(pendingPart(0, [0, 1], after(2), near))
    expect(monitor.rows()).toMatchObject([{ peer: 'near' }])
    expect([...monitor.state.keys()]).not.toContain('pending 0 1')
  })

  it('is as far as its slowest source', () => {
    const monitor = new TestMonitor().take(pending(0, after(1)), pending(1, after(5)))
    expect(monitor.stage.figures.watermark).toBe(after(1))
    monitor.take(pending(0, after(9)))
    expect(monitor.stage.figures.watermark).toBe(after(5))
  })

  it('shows nothing of what is not closed, and reads it again after a crash', async () => {
    const monitor = new TestMonitor().take(pending(0, after(1), attempt('far', { outcome: 'open' })))
    const [first, second] = [monitor.record(attempt('far')), monitor.record(pending(0, after(2)))]
    const work = monitor.stage.handle([first])
    expect(work).toMatchObject({ emit: [], resumeFrom: first.offset })
    monitor.commit(work)
    expect(monitor.rows()).toMatchObject([{ attempts: 1, outcomes: { open: 1 } }])
    await monitor.restart()
    expect(monitor.rows()).toMatchObject([{ attempts: 1, outcomes: { open: 1 } }])
    expect(monitor.stage.handle([{ ...first, replayed: true }, second])).not.toHaveProperty('resumeFrom')
    expect(monitor.rows()).toMatchObject([{ attempts: 1, outcomes: { answered: 1 } }])
  })

  it('closes each source by itself, and takes nothing twice that it reads again for another', async () => {
    const monitor = new TestMonitor()
    const held = monitor.record(attempt('far'), 1)
    const others = [counts({ sip: 5 }), attempt('near'), pending(0, after(1))].map(each => monitor.record(each))
    const work = monitor.stage.handle([held, ...others])
    expect(work.resumeFrom).toBe(held.offset)
    monitor.commit(work)
    expect(monitor.rows()).toMatchObject([{ peer: 'near', attempts: 1 }])
    await monitor.restart()
    const again = [held, ...others].map(record => ({ ...record, replayed: true }))
    expect(monitor.stage.handle([...again, monitor.record(pending(1, after(1)))])).not.toHaveProperty('resumeFrom')
    expect(monitor.rows()).toMatchObject([
      { peer: 'far', attempts: 1 },
      { peer: 'near', attempts: 1 }
    ])
    expect(monitor.stage.figures.counts).toMatchObject({ sip: 5 })
  })

  it('shows nothing of a partition that it has no more', () => {
    const monitor = new TestMonitor().take(attempt('far'))
    monitor.stage.dropped()
    expect(monitor.rows()).toEqual([])
  })

  it('counts messages and calls', () => {
    const monitor = new TestMonitor().take(counts({ sip: 5, calls: 1 }), counts({ sip: 2, late: 1, notSip: 3 }))
    expect(monitor.stage.figures.counts).toEqual({ ...noCounts(), sip: 7, calls: 1, late: 1, notSip: 3 })
  })

  it('goes on after a restart with everything it had', async () => {
    const monitor = new TestMonitor().take(
      attempt('far'),
      rejection('far', 'INFO'),
      counts({ sip: 4 }),
      pending(0, after(1))
    )
    const before = monitor.rows()
    await monitor.restart()
    expect(monitor.rows()).toEqual(before)
    expect(monitor.stage.figures.counts).toMatchObject({ sip: 4 })
    monitor.take(attempt('far'), counts({ sip: 1 }))
    expect(monitor.rows()).toMatchObject([{ attempts: 2, outcomes: { answered: 2 } }])
    expect(monitor.stage.figures.counts).toMatchObject({ sip: 5 })
  })

  it('shows after a restart at once the attempts that are not over', async () => {
    const monitor = new TestMonitor().take(pending(0, after(1), attempt('far', { outcome: 'open' })))
    await monitor.restart()
    expect(monitor.rows()).toMatchObject([{ peer: 'far', outcomes: { open: 1 } }])
    expect(monitor.stage.figures.watermark).toBe(after(1))
  })

  it('says since when its figures are, restarts included', async () => {
    const monitor = new TestMonitor()
    expect(monitor.stage.figures.since).toBeUndefined()
    monitor.take(attempt('far'), pending(0, after(1)), pending(0, after(2)))
    await monitor.restart()
    monitor.take(pending(0, after(100)))
    expect(monitor.stage.figures.since).toBe(after(1))
  })

  it('refuses a state and records that a later version wrote', async () => {
    const monitor = new TestMonitor().take(attempt('far'))
    for (const key of ['told', 'pending 0 0']) {
      monitor.state.clear()
      monitor.state.set(key, Buffer.from('{"format":2}'))
      await expect(monitor.restart()).rejects.toThrow('format 2')
    }
    const later = { ...monitor.record(attempt('far')), headers: { format: '2' } }
    expect(() => monitor.stage.handle([later])).toThrow('format 2')
  })

  it('makes no value that the log refuses, whatever methods are rejected', () => {
    const monitor = new TestMonitor()
    for (let index = 0; index < 200; index++) monitor.take(rejection('far', `M${index}${'x'.repeat(40_000)}`))
    expect(Math.max(...[...monitor.state.values()].map(({ length }) => length))).toBeLessThanOrEqual(maxValueBytes)
  })
})

describe('MonitorStage past the most peers that it may name', () => {
  const peersOf = (monitor: TestMonitor): string[] => monitor.rows().map(({ peer }) => peer)

  it('sums under other, and counts each record once', () => {
    const open = attempt('c', { outcome: 'open' })
    const monitor = new TestMonitor(2).take(attempt('a'), attempt('b'), pending(0, after(1), open, open))
    monitor.take(attempt('c'), rejection('c', 'INFO'), attempt('a'), pending(0, after(2), open))
    for (let looks = 0; looks < 3; looks++) expect(peersOf(monitor)).toEqual(['a', 'b', 'other'])
    expect(monitor.rows()).toMatchObject([{ attempts: 2 }, { attempts: 1 }, { attempts: 2 }])
    expect(monitor.counted.overflows).toBe(2)
  })

  it('still does after a restart', async () => {
    const monitor = new TestMonitor(2).take(attempt('a'), pending(0, after(1), attempt('b', { outcome: 'open' })))
    await monitor.restart()
    monitor.take(attempt('c'), attempt('a'), attempt('b'), pending(0, after(2)))
    expect(monitor.rows()).toMatchObject([
      { peer: 'a', attempts: 2 },
      { peer: 'b', attempts: 1 },
      { peer: 'other', attempts: 1 }
    ])
    await monitor.restart()
    monitor.take(attempt('b'), attempt('d'))
    expect(peersOf(monitor)).toEqual(['a', 'b', 'other'])
  })
})

import { describe, expect, it } from '@jest/globals'
import { emptyRegistry, parseRegistry } from '@earshot/peers'
import { everyPeer, type SeriesRow } from '@earshot/store'
import { capacityReport, type CapacityReportRow } from './capacity.ts'
import { after, hour, storeOf } from './hours.fixture.ts'
import { LocalTime } from './local-time.ts'

const local = new LocalTime('Europe/Berlin')

const registry = parseRegistry(
  `peers:
  - { name: atlantic, group: west, members: [203.0.113.7], calls: 30, cps: 5 }
  - { name: pacific, group: west, members: [203.0.113.8], calls: 10 }
  - { name: sbc, ours: true, members: [10.0.0.1] }`,
  'peers.yaml'
)

async function rowsOf(
  rows: readonly SeriesRow[],
  { to = 48, peer, group }: { to?: number; peer?: string; group?: string } = {}
): Promise<readonly CapacityReportRow[]> {
  const query = {
    from: after(0),
    to: after(to),
    ...(peer !== undefined && { peer }),
    ...(group !== undefined && { group })
  }
  return (await capacityReport({ store: storeOf(rows), registry, local }, query)).rows
}

describe('the report of capacity', () => {
  it('has erlangs over its whole length, and of them what nobody is billed for', async () => {
    const [row] = await rowsOf([
      ...hour('atlantic', 3, 'outbound', { setup: 1, earlyMedia: 2, talk: 9 }),
      ...hour('atlantic', 30, 'outbound', { talk: 12 })
    ])
    expect(row).toMatchObject({
      subject: { kind: 'peer', name: 'atlantic' },
      direction: 'outbound',
      seconds: { setup: 3600, earlyMedia: 7200, established: 75_600 },
      erlangs: { setup: 1 / 48, earlyMedia: 2 / 48, established: 21 / 48, carried: 0.5, offered: 0.5 }
    })
  })

  it('takes what was blocked to be as long as the others', async () => {
    const [row] = await rowsOf(
      hour('atlantic', 3, 'outbound', {
        talk: 18,
        sums: { attempts: { none: { congestion: 10 }, ringing: { answered: 85, congestion: 5 } } }
      }),
      { to: 1 + 3 }
    )
    expect(row).toMatchObject({ attempts: 100, blocked: 10, erlangs: { carried: 4.5, offered: 5 } })
    expect(row!.busyHour!.highest).toMatchObject({ erlangs: 18, offered: 20 })
    expect(row!.channels).toEqual({ timeConsistent: 30, highest: 30 })
  })

  it('has the first of the busiest seconds and of the most calls, and what the contract leaves', async () => {
    const [row] = await rowsOf([
      ...hour('atlantic', 3, 'outbound', { talk: 1, peak: 7, second: 4 }),
      ...hour('atlantic', 4, 'outbound', { talk: 1, peak: 33, second: 4 }),
      ...hour('atlantic', 5, 'outbound', { talk: 1, peak: 33, second: 2 })
    ])
    expect(row).toMatchObject({
      busySecond: { attempts: 4, at: after(3) + 5e6 },
      peaks: { total: { calls: 33, hour: after(4) } },
      contract: { calls: 30, cps: 5, headroom: { calls: -3, cps: 1 } }
    })
  })

  it('knows the hour that is busy on most days by the clock of the place, and each day has its own', async () => {
    const [row] = await rowsOf([
      ...hour('pacific', 8, 'inbound', { talk: 4 }),
      ...hour('pacific', 32, 'inbound', { talk: 6 }),
      ...hour('pacific', 40, 'inbound', { talk: 8 })
    ])
    expect(row!.busyHour).toEqual({
      days: 2,
      timeConsistent: { clock: '09:00', erlangs: 5, offered: 5 },
      dailyPeak: { erlangs: 6 },
      highest: { at: after(40), erlangs: 8, offered: 8 }
    })
    expect(row!.contract).toMatchObject({ calls: 10, blocking: expect.closeTo(0.0184, 4) })
  })

  it('tells each direction, then both, which have the contract', async () => {
    const rows = await rowsOf([
      ...hour('pacific', 8, 'inbound', { talk: 4 }).slice(0, 1),
      ...hour('pacific', 8, 'outbound', { talk: 2 }).slice(0, 1),
      ...hour('pacific', 8, 'both', { talk: 6 })
    ])
    expect(rows.map(({ direction, contract, hours }) => [direction, contract?.calls, hours?.length])).toEqual([
      ['inbound', undefined, undefined],
      ['outbound', undefined, undefined],
      ['both', 10, 1]
    ])
  })

  const twoPeers = [
    ...hour('atlantic', 8, 'outbound', { talk: 4, peak: 6, second: 2 }),
    ...hour('pacific', 8, 'outbound', { talk: 2, peak: 3, second: 1 }),
    ...hour('sbc', 8, 'outbound', {}),
    ...hour(everyPeer, 8, 'outbound', { talk: 6, peak: 8, second: 3 })
  ]

  it('adds up all peers, whose busiest moments are not the same', async () => {
    const rows = await rowsOf(twoPeers)
    expect(
      rows.map(({ subject, peaks, busySecond }) => ({
        subject,
        peak: peaks.total?.calls,
        second: busySecond?.attempts
      }))
    ).toEqual([
      { subject: { kind: 'peer', name: 'atlantic' }, peak: 6, second: 2 },
      { subject: { kind: 'peer', name: 'pacific' }, peak: 3, second: 1 },
      { subject: { kind: 'all' }, peak: 8, second: 3 }
    ])
  })

  it('adds up a group by the hour, of which the busiest moments are not known', async () => {
    const rows = await rowsOf(twoPeers, { group: 'west' })
    expect(rows.at(-1)).toMatchObject({
      subject: { kind: 'group', name: 'west' },
      busySecond: null,
      peaks: { total: null },
      busyHour: { highest: { erlangs: 6 } },
      contract: { calls: 40, headroom: {} }
    })
    expect(rows.at(-1)!.hours).toEqual([{ at: after(8), setup: 0, earlyMedia: 0, established: 6, peak: null }])
  })

  it('is of one peer alone where that is asked for', async () => {
    expect(await rowsOf(twoPeers, { peer: 'pacific' })).toHaveLength(1)
    expect(await rowsOf(twoPeers, { peer: 'nobody' })).toEqual([])
  })

  it('tells growth from week to week where there are two whole weeks', async () => {
    const busy = (days: number, perDay: number): SeriesRow[] =>
      Array.from({ length: days }, (_, day) =>
        hour('pacific', 24 * day + 12, 'inbound', { talk: 70 + day * perDay })
      ).flat()
    const [row] = await rowsOf(busy(29, 1), { to: 24 * 29 })
    // Of the first and the last day the report has a part only: in Berlin it begins and ends at one o'clock.
    expect(row!.growth).toEqual({ perWeek: 7, perMonth: 30, perWeekShare: 7 / 84.5 })
    const [short] = await rowsOf(busy(14, 1), { to: 24 * 14 })
    expect(short!.growth).toBeNull()
  })

  it('keeps hours for charts of the largest only', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => hour(`p${index}`, 1, 'outbound', { talk: index + 1 })).flat()
    const report = await rowsOf(rows)
    expect(report).toHaveLength(20)
    expect(report.filter(({ hours }) => hours).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining([{ kind: 'peer', name: 'p19' }])
    )
    expect(report.filter(({ hours }) => hours)).toHaveLength(12)
  })

  it('says nothing of what is not there', async () => {
    const source = { store: storeOf([]), registry: emptyRegistry, local }
    expect(await capacityReport(source, { from: after(0), to: after(1) })).toMatchObject({ kind: 'capacity', rows: [] })
    expect(await rowsOf(hour('pacific', 1, 'inbound', { sums: { rejections: { 'UPDATE 501': 1 } } }))).toEqual([])
    const [row] = await rowsOf(hour('pacific', 1, 'inbound', { sums: { attempts: { none: { timeout: 1 } } } }))
    expect(row).toMatchObject({ busyHour: null, channels: { timeConsistent: null }, growth: null, busySecond: null })
  })
})

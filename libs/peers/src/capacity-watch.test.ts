import { describe, expect, it } from '@jest/globals'
import type { LoadEvidence } from '@earshot/calls'
import { epochMicros } from '@earshot/units'
import fc from 'fast-check'
import type { Alert, MaintenanceWindow } from './index.ts'
import { CapacityWatch } from './index.ts'
import { DAY, HOUR, midnight } from './method-watch.fixture.ts'

type Loaded = Partial<Pick<LoadEvidence, 'peer' | 'direction' | 'attempts' | 'calls'>>

const load = (after: number, change: Loaded): LoadEvidence => ({
  kind: 'load',
  second: midnight + after,
  peer: 'far',
  direction: 'outbound',
  attempts: 0,
  calls: 0,
  ...change
})

const at = (after: number) => epochMicros((midnight + after) * 1e6)

const contracts: Readonly<Record<string, { calls?: number; cps?: number }>> = {
  far: { calls: 100, cps: 20 },
  near: { calls: 10 }
}
const contractOf = (peer: string) => contracts[peer]

type Told = { readonly until?: number; readonly maintenance?: readonly MaintenanceWindow[] }

/** Observes the rows in steps of so many seconds, and is restored after each of them. */
function alertsOf(rows: readonly LoadEvidence[], step: number, { until = HOUR, maintenance = [] }: Told = {}): Alert[] {
  const state = new Map<string, Buffer>()
  const alerts: Alert[] = []
  for (let from = 0; from < until; from += step) {
    const watch = new CapacityWatch({ contractOf, maintenanceOf: () => maintenance })
    for (const [key, value] of state) watch.restore(key, value)
    if (from > 0) watch.advance(at(from))
    for (const row of rows.toSorted((a, b) => a.second - b.second)) {
      const after = row.second - midnight
      if (after >= from && after < from + step) watch.observe(row)
    }
    watch.advance(at(from + step))
    alerts.push(...watch.alerts())
    for (const { key, value } of watch.changes()) {
      if (value) state.set(key, value)
      else state.delete(key)
    }
  }
  return alerts
}

/** 'start calls warning +5', 'end calls warning +70'. */
const tell = ({ signal, severity, startedAt, endedAt }: Alert): string =>
  `${endedAt === undefined ? 'start' : 'end'} ${signal} ${severity} +${(endedAt ?? startedAt) / 1e6 - midnight}`

const bursts = (...seconds: readonly number[]): LoadEvidence[] => seconds.map(after => load(after, { attempts: 17 }))

describe('headroom (K-4)', () => {
  it.each([
    { name: 'is enough at 80 %', rows: [load(5, { calls: 80 })], tells: [] },
    { name: 'is short above 80 %', rows: [load(5, { calls: 81 })], tells: ['start calls warning +5'] },
    {
      name: 'is of both directions together',
      rows: [load(5, { calls: 50 }), load(9, { calls: 31, direction: 'inbound' })],
      tells: ['start calls warning +9']
    },
    {
      name: 'is of each peer by itself',
      rows: [load(5, { calls: 50 }), load(5, { calls: 8, peer: 'near' })],
      tells: []
    },
    { name: 'is not known of a peer without a contract', rows: [load(5, { calls: 500, peer: 'c' })], tells: [] },
    {
      name: 'is gone above 100 %, which is told alone',
      rows: [load(5, { calls: 101 })],
      tells: ['start calls critical +5']
    },
    {
      name: 'becomes worse, and better',
      rows: [load(5, { calls: 90 }), load(10, { calls: 11 }), load(20, { calls: -11 }), load(200, { calls: -90 })],
      tells: [
        'start calls warning +5',
        'end calls warning +10',
        'start calls critical +10',
        'end calls critical +80',
        'start calls warning +80',
        'end calls warning +260'
      ]
    },
    {
      name: 'is short for as long as it is not 5 % better for a minute',
      rows: [load(5, { calls: 81 }), load(10, { calls: -5 }), load(200, { calls: -1 }), load(250, { calls: 2 })],
      tells: ['start calls warning +5']
    },
    { name: 'is not short for two busy seconds', rows: bursts(5, 6), tells: [] },
    {
      name: 'is short for three busy seconds',
      rows: bursts(5, 30, 64),
      tells: ['start cps warning +64', 'end cps warning +125']
    },
    { name: 'is not short for three in more than a minute', rows: bursts(5, 30, 65), tells: [] },
    {
      name: 'may be short in maintenance, and is told afterwards',
      rows: [load(5, { calls: 90 }), load(50, { calls: -1 }), load(110, { calls: 1 })],
      maintenance: [{ from: at(0), to: at(100) }],
      tells: ['start calls warning +110']
    }
  ])('$name', ({ rows, tells, maintenance = [] }) => {
    expect(alertsOf(rows, 5, { maintenance }).map(tell)).toEqual(tells)
  })

  it('is told with what was contracted', () => {
    expect(alertsOf([load(5, { calls: 81 })], 5)[0]).toMatchObject({
      kind: 'headroom',
      peer: 'far',
      signal: 'calls',
      raisedAt: at(5),
      summary: 'far has more than 80 % of the 100 concurrent calls contracted, since 2026-01-01T00:00:05Z',
      evidence: { calls: 81, contracted: 100 },
      runbook: 'headroom'
    })
  })

  it('is the same however far time goes at once, and whenever the watch is restored', () => {
    const rows = fc.array(
      fc.record({
        after: fc.nat(600),
        peer: fc.constantFrom('far', 'near'),
        attempts: fc.nat(30),
        calls: fc.integer({ min: -60, max: 60 })
      }),
      { maxLength: 60 }
    )
    fc.assert(
      fc.property(rows, fc.constantFrom(5, 10, 65, 100, 500), (random, step) => {
        const all = random.map(({ after, ...change }) => load(after, change))
        const byTime = (alerts: readonly Alert[]): string[] => alerts.map(each => `${each.peer} ${tell(each)}`).sort()
        expect(byTime(alertsOf(all, step, { until: 1000 }))).toEqual(byTime(alertsOf(all, 1000, { until: 1000 })))
      }),
      { numRuns: 200 }
    )
  })
})

describe('the busiest of a peer (K-4)', () => {
  const watched = (...rows: readonly LoadEvidence[]): CapacityWatch => {
    const watch = new CapacityWatch()
    for (const row of rows) watch.observe(row)
    return watch
  }

  it('is the first second with the most attempts, and with the most calls, in each direction and in both', () => {
    const watch = watched(
      load(1, { attempts: 2, calls: 2 }),
      load(2, { attempts: 3, calls: 1 }),
      load(2, { attempts: 1, calls: 1, direction: 'inbound' }),
      load(3, { attempts: 2, calls: -1 }),
      load(3, { attempts: 2, calls: 1, direction: 'inbound' }),
      load(4, { attempts: 3, calls: -2 })
    )
    watch.advance(at(5))
    const time = (second: number): string => `2026-01-01T00:00:0${second}Z`
    expect(watch.busiest('far', 'outbound')).toEqual({
      busySecond: { attempts: 3, at: time(2) },
      peak: { calls: 3, at: time(2) }
    })
    expect(watch.busiest('far', 'inbound')).toMatchObject({ busySecond: { attempts: 2 }, peak: { calls: 2 } })
    expect(watch.busiest('far', 'both')).toEqual({
      busySecond: { attempts: 4, at: time(2) },
      peak: { calls: 4, at: time(2) }
    })
    expect([...watch.peers()]).toEqual(['far'])
  })

  it('is of one UTC day, and none before the first of it', () => {
    const watch = watched(load(DAY - 1, { attempts: 9, calls: 9 }), load(DAY + 5, { attempts: 1, calls: -2 }))
    watch.advance(at(DAY + 6))
    expect(watch.busiest('far', 'both')).toMatchObject({ busySecond: { attempts: 1 }, peak: { calls: 7 } })
    watch.advance(at(2 * DAY))
    expect(watch.busiest('far', 'both')).toEqual({ busySecond: null, peak: null })
  })

  it('is refused where a later version wrote it', () => {
    for (const word of new CapacityWatch().keys) {
      expect(() => new CapacityWatch().restore(`${word} ["far"]`, Buffer.from('{"format":2}'))).toThrow('format 2')
    }
  })
})

describe('a group', () => {
  const groups = new Map([
    ['far', 'abroad'],
    ['near', 'abroad']
  ])
  const watched = (rows: readonly LoadEvidence[], move?: number): CapacityWatch => {
    let watch = new CapacityWatch({ groupOf: peer => groups.get(peer) })
    for (const row of rows) {
      if (row.second - midnight === move) {
        watch.advance(at(move))
        groups.set('near', 'home')
        const moved = new CapacityWatch({ groupOf: peer => groups.get(peer) })
        for (const { key, value } of watch.changes()) moved.restore(key, value)
        watch = moved
      }
      watch.observe(row)
    }
    watch.advance(at(HOUR))
    return watch
  }

  it('has the busiest second of its peers together, which need be that of none of them', () => {
    const watch = watched([
      load(1, { attempts: 5, calls: 5 }),
      load(2, { attempts: 3, calls: -1 }),
      load(2, { peer: 'near', attempts: 4, calls: 4 }),
      load(3, { peer: 'near', attempts: 5 }),
      load(3, { peer: 'alone', attempts: 50 })
    ])
    expect(watch.groupBusiest('abroad', 'both')).toMatchObject({
      busySecond: { attempts: 7, at: '2026-01-01T00:00:02Z' },
      peak: { calls: 8, at: '2026-01-01T00:00:02Z' }
    })
    expect(watch.groupBusiest('home', 'both')).toBeUndefined()
    expect([...watch.peers()]).toEqual(['far', 'near', 'alone'])
  })

  it('takes the calls of a peer with it that joins, through a restart', () => {
    const watch = watched(
      [
        load(1, { calls: 5 }),
        load(1, { peer: 'near', calls: 2 }),
        load(9, { peer: 'near', calls: 1 }),
        load(12, { calls: 1 })
      ],
      9
    )
    expect(watch.groupBusiest('home', 'outbound')?.peak).toMatchObject({ calls: 3 })
    expect(watch.groupBusiest('abroad', 'outbound')?.peak).toMatchObject({ calls: 7, at: '2026-01-01T00:00:01Z' })
  })
})

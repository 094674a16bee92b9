import { describe, expect, it } from '@jest/globals'
import { addMinute, alertsOf, after, inShort, monday, steady, timeOf, type Traffic } from './traffic-watch.fixture.ts'
import { TrafficWatch } from './traffic-watch.ts'
import type { MinuteCounts } from './minute-counts.ts'

const usual = steady(30)
const HOURS = 60

/** As usual, but for the minutes from `from` up to `to`. */
const but =
  (from: number, to: number, change: (counts: MinuteCounts) => MinuteCounts | undefined): Traffic =>
  minute =>
    minute >= from && minute < to ? change(usual(minute)!) : usual(minute)

describe('the detector tells', () => {
  it.each<{ name: string; traffic: Traffic; alerts: object[] }>([
    { name: 'nothing of steady traffic', traffic: usual, alerts: [] },
    {
      name: 'a spike of attempts, since when, and its end',
      traffic: but(300, 360, ({ attempts, seizures, answered }) => ({
        attempts: 4 * attempts!,
        seizures: 4 * seizures!,
        answered: 4 * answered!,
        earlyMedia: 2 * attempts!,
        answeredEarlyMedia: attempts!
      })),
      alerts: [
        { kind: 'spike', signal: 'attempts', severity: 'warning', from: 300, told: 300 },
        { kind: 'spike', signal: 'attempts', severity: 'warning', from: 300, told: 300, over: 368 }
      ]
    },
    {
      name: 'that a peer went silent, once',
      traffic: but(300, 400, () => undefined),
      alerts: [
        { kind: 'absence', signal: 'attempts', severity: 'critical', from: 300, told: 301 },
        { kind: 'absence', signal: 'attempts', severity: 'critical', from: 300, told: 301, over: 406 }
      ]
    },
    {
      name: 'early media that stops coming',
      traffic: but(300, 400, counts => ({ ...counts, earlyMedia: 0, answeredEarlyMedia: 0 })),
      alerts: [
        { kind: 'absence', signal: 'early_media', severity: 'critical', from: 300, told: 301 },
        { kind: 'absence', signal: 'early_media', severity: 'critical', from: 300, told: 301, over: 407 }
      ]
    },
    {
      name: '501s of a peer that had none',
      traffic: but(300, 330, counts => ({ ...counts, rejections501: 12 })),
      alerts: [
        { kind: 'spike', signal: 'rejections_501', severity: 'critical', from: 300, told: 300 },
        { kind: 'spike', signal: 'rejections_501', severity: 'critical', from: 300, told: 300, over: 339 }
      ]
    },
    {
      name: 'early media that cannot play any more, by its code',
      traffic: but(300, 330, counts => ({ ...counts, unusable: { codec_mismatch: 12 } })),
      alerts: [
        { kind: 'spike', signal: 'unusable_codec_mismatch', severity: 'critical', from: 300, told: 300 },
        { kind: 'spike', signal: 'unusable_codec_mismatch', severity: 'critical', from: 300, told: 300, over: 339 }
      ]
    },
    { name: 'nothing within its first hour', traffic: but(30, 50, () => ({ attempts: 300 })), alerts: [] }
  ])('$name', ({ traffic, alerts }) => {
    expect(alertsOf(traffic, 8 * HOURS).map(inShort)).toEqual(alerts)
  })

  it('calls that take longer to be heard of', () => {
    const delays = (slow: number): number[] => [0, 10, 10, 8, 2, 0, 0, 0, slow, 0, 0, 0, 0, 0]
    const traffic: Traffic = minute => ({ ...usual(minute), delays: delays(minute >= 700 ? 20 : 0) })
    const [alert] = alertsOf(traffic, 800)
    expect(alert).toMatchObject({ kind: 'spike', signal: 'post_dial_delay', evidence: { slowAfterSeconds: 2 } })
    expect(inShort(alert!)).toMatchObject({ from: 700, told: 700 })
  })

  it('that an agent went silent', () => {
    const detector = new TrafficWatch()
    for (let minute = 0; minute < 300; minute++) {
      detector.heard('sbc-1', timeOf(monday + minute, 30), minute < 200 ? 1000 : 0, 60)
      detector.advance(after(monday + minute))
    }
    expect(detector.alerts()).toMatchObject([
      {
        kind: 'absence',
        peer: 'sbc-1',
        agent: 'sbc-1',
        signal: 'packets',
        summary: expect.stringMatching(/^Agent sbc-1: 0 packets in a minute/)
      }
    ])
  })

  it('nothing of an agent to which nobody listened', () => {
    const detector = new TrafficWatch()
    for (let minute = 0; minute < 300; minute++) {
      if (minute < 200) detector.heard('sbc-1', timeOf(monday + minute, 30), 1000, 60)
      detector.advance(after(monday + minute))
    }
    expect(detector.alerts()).toEqual([])
  })

  it('in one sentence, with evidence', () => {
    const [alert] = alertsOf(
      but(300, 330, counts => ({ ...counts, rejections501: 12 })),
      8 * HOURS
    )
    expect(alert).toMatchObject({
      peer: 'far',
      summary: expect.stringMatching(
        /^far \(outbound\): 10 requests answered 501 in 50 seconds, 0\.\d+ were to be expected\.$/
      ),
      evidence: { direction: 'outbound', windowMinutes: 0.833, events: 10 },
      runbook: 'spike'
    })
  })
})

describe('nothing is told', () => {
  const silent = but(300, 400, () => undefined)

  it.each([
    { name: 'of what is found in a maintenance window', from: 295, to: 310, alerts: 0 },
    { name: 'but of what is found before it', from: 310, to: 500, alerts: 2 }
  ])('$name', ({ from, to, alerts }) => {
    const window = { from: timeOf(monday + from), to: timeOf(monday + to) }
    const watch = new TrafficWatch({ maintenanceOf: peer => (peer === 'far' ? [window] : []) })
    expect(alertsOf(silent, 500, watch)).toHaveLength(alerts)
  })

  it('of the peer other, which is many', () => {
    const watch = new TrafficWatch()
    for (let minute = 0; minute < 400; minute++) {
      if (minute < 300) watch.add('other', 'outbound', timeOf(monday + minute), usual(minute)!)
      watch.advance(after(monday + minute))
    }
    expect([...watch.alerts(), ...watch.active()]).toEqual([])
  })
})

describe('what lasts', () => {
  it('is active until it is over', () => {
    const detector = new TrafficWatch()
    const traffic = but(300, 400, () => undefined)
    const told = alertsOf(traffic, 350, detector)
    expect(detector.active()).toEqual(told)
    alertsOf(minute => (minute < 350 ? undefined : usual(minute)), 450, detector)
    expect(detector.active()).toEqual([])
  })

  it('for a day is usual then', () => {
    const alerts = alertsOf(
      minute => usual(minute < 300 ? minute : minute % 5)! && steady(minute < 300 ? 30 : 120)(minute),
      3 * 1440
    )
    expect(alerts.map(inShort)).toMatchObject([{ from: 300, told: 300 }, { over: 301 + 1440 }])
  })
})

it('that a dialer begins with each minute is no news', () => {
  const detector = new TrafficWatch()
  for (let minute = 0; minute < 600; minute++) {
    detector.add('far', 'outbound', timeOf(monday + minute), { attempts: 200 + (minute % 7) })
    detector.advance(after(monday + minute))
  }
  expect(detector.alerts()).toEqual([])
})

it('what comes every day at its hour is no spike any more after some days', () => {
  const evenings: Traffic = minute => steady(Math.floor(minute / 60) % 24 === 17 ? 150 : 30)(minute)
  const days = alertsOf(evenings, 8 * 1440).flatMap(({ startedAt, endedAt }) =>
    endedAt === undefined ? [Math.floor((startedAt / 60e6 - monday) / 1440)] : []
  )
  expect(days).toEqual([0, 1, 2, 3, 4])
})

describe('time', () => {
  it('is that of the records: those of a minute that was judged are late', () => {
    const detector = new TrafficWatch()
    detector.add('far', 'outbound', timeOf(monday), { attempts: 1 })
    detector.advance(after(monday))
    detector.add('far', 'outbound', timeOf(monday), { attempts: 1 })
    expect(detector.late).toBe(1)
  })

  it('that nobody listened to is passed over, and what follows is not compared with it', () => {
    const detector = new TrafficWatch()
    const week = 7 * 1440
    const alerts = alertsOf(minute => (minute < 600 ? usual(minute) : undefined), 601, detector)
    detector.advance(after(monday + week))
    for (let minute = week; minute < week + 300; minute++) {
      addMinute(detector, monday + minute, usual(minute)!)
      detector.advance(after(monday + minute))
    }
    expect([...alerts, ...detector.alerts()].map(({ kind, endedAt }) => [kind, endedAt !== undefined])).toEqual([
      ['absence', false],
      ['absence', true]
    ])
  })
})

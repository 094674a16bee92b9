import { describe, expect, it } from '@jest/globals'
import { evaluate } from './evaluation.ts'
import { evaluateMethods } from './evaluation-methods.ts'
import { plotsOf } from './evaluation-plots.ts'
import { Scores, scoreOf, type Incident } from './evaluation-score.ts'
import { NaiveRule } from './naive-rule.ts'
import type { LabelledCounts } from '@earshot/traffic'

const incident = (delaySeconds: number | null): Incident => ({
  watcher: 'earshot',
  kind: 'spike',
  signal: 'attempts',
  shape: 'step',
  eventsIn5Minutes: 20,
  delaySeconds
})

describe('a score', () => {
  it.each([
    {
      name: 'of found ones',
      delays: [60, 120, 180],
      score: { found: 3, recall: 1, medianDelaySeconds: 120, p90DelaySeconds: 180 }
    },
    {
      name: 'that counts a missed one as late for ever',
      delays: [60, null],
      score: { found: 1, recall: 0.5, medianDelaySeconds: 60 }
    },
    { name: 'of which most were missed has no delay', delays: [60, null, null], score: { found: 1, recall: 1 / 3 } }
  ])('$name', ({ delays, score }) => {
    expect(scoreOf(delays.map(incident))).toEqual({ incidents: delays.length, ...score })
  })
})

describe('the rule most people write', () => {
  const WEEK = 7 * 24 * 60
  const fires = (perMinute: number, now: number, leastEvents: number): boolean => {
    const rule = new NaiveRule({ signal: 'attempts', events: ({ attempts }) => attempts }, { leastEvents })
    const fired = Array.from({ length: WEEK + 16 }, (_, minute) => [
      ...rule.take(60 * minute, { attempts: minute < WEEK + 10 ? perMinute : now } as LabelledCounts)
    ])
    return fired.slice(-5).flat().length > 0
  }

  it.each([
    { name: 'fires for more than three times last week', perMinute: 10, now: 31, leastEvents: 0, is: true },
    { name: 'not for three times', perMinute: 10, now: 30, leastEvents: 0, is: false },
    { name: 'fires for one where there was none', perMinute: 0, now: 1, leastEvents: 0, is: true },
    { name: 'not with a least number of events', perMinute: 0, now: 1, leastEvents: 20, is: false }
  ])('$name', ({ perMinute, now, leastEvents, is }) => {
    expect(fires(perMinute, now, leastEvents)).toBe(is)
  })
})

describe('an evaluation', () => {
  const options = { seed: 12, weeks: 4, peers: 1, incidentsPerWeek: 12 }
  const scores = new Scores()
  for (const each of evaluate(options)) scores.add(each)
  const evaluation = scores.evaluation({ seeds: [12], weeks: 4, peers: 1 })

  it('is the same of the same seed', () => {
    const again = new Scores()
    for (const each of evaluate(options)) again.add(each)
    expect(again.evaluation({ seeds: [12], weeks: 4, peers: 1 })).toEqual(evaluation)
  })

  it('finds most of what was put in, with few false alerts', () => {
    const own = evaluation.incidents.filter(({ watcher }) => watcher === 'earshot')
    expect(own.length).toBeGreaterThan(5)
    expect(scoreOf(own).recall).toBeGreaterThan(0.8)
    expect(evaluation.noise[0]).toMatchObject({ watcher: 'earshot' })
    expect(evaluation.noise[0]!.falsePerPeerAndMonth).toBeLessThan(2)
  })

  it('is drawn: three pictures', async () => {
    const plots = [...(await plotsOf(evaluation))]
    expect(plots.map(([name]) => name)).toEqual([
      'detection-delay.svg',
      'detection-false-alerts.svg',
      'detection-size.svg'
    ])
    for (const [, svg] of plots) {
      expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/)
      expect(svg).not.toContain('NaN')
    }
  }, 30_000)
})

describe('an evaluation of methods', () => {
  it('finds what was put in soon after the fifth rejection, and nothing else', () => {
    const { withFiveRejections, ...rest } = evaluateMethods({ seeds: [12], weeks: 6, peers: 3, regressionsPerWeek: 4 })
    expect(withFiveRejections).toBeGreaterThan(3)
    expect(rest).toMatchObject({ peerWeeks: 18, found: withFiveRejections, falseAlerts: 0 })
    expect(rest.longestDelaySeconds).toBeLessThan(120)
  })

  it('has nothing to find in healthy traffic, and hardly tells of any', () => {
    const healthy = evaluateMethods({ seeds: [12], weeks: 4, peers: 2, regressionsPerWeek: 0 })
    expect(healthy).toMatchObject({ peerWeeks: 8, regressions: 0, found: 0, longestDelaySeconds: null })
    expect(healthy.falseAlerts).toBeLessThan(2)
  })
})

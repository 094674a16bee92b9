import { describe, expect, it } from '@jest/globals'
import { epochMicros, minus, plus, seconds, type EpochMicros } from '@earshot/units'
import { Agents, clockAhead, type Adjusted } from './agents.ts'

/** What a packet of an agent counts at. */
function timed(agents: Agents, name: string, capturedAt: EpochMicros | undefined, now: EpochMicros): Adjusted {
  return agents.timeOf(agents.heard(name, now), capturedAt, now)
}

const noon = epochMicros(1_767_225_600e6)
const hours = (count: number) => seconds(3600 * count)

describe('the time at which a packet counts', () => {
  it.each([
    { name: 'is its capture time', capturedAt: minus(noon, seconds(1)), at: minus(noon, seconds(1)) },
    { name: 'is it also 5 s ahead', capturedAt: plus(noon, seconds(5)), at: plus(noon, seconds(5)) },
    { name: 'is the arrival beyond', capturedAt: plus(noon, seconds(5.000001)), at: noon, why: 'ahead' },
    { name: 'is the arrival without a capture time', capturedAt: undefined, at: noon, why: 'no_time' },
    { name: 'is it also an hour behind', capturedAt: minus(noon, hours(1)), at: minus(noon, hours(1)) },
    { name: 'is shifted to the arrival beyond', capturedAt: minus(noon, hours(30)), at: noon, why: 'shifted' }
  ])('$name', ({ capturedAt, at, why }) => {
    const agents = new Agents({ trusting: false })
    expect(timed(agents, 'sbc', capturedAt, noon)).toEqual(why === undefined ? { at } : { at, why })
  })

  it.each([plus(noon, seconds(5)), minus(noon, hours(30)), epochMicros(0), noon])(
    'is its capture time %d however old, when trusting',
    at => {
      expect(timed(new Agents({ trusting: true }), 'sbc', at, noon)).toEqual({ at })
    }
  )

  it.each([plus(noon, seconds(5.000001)), epochMicros(4.1e15)])('is none from the future (%d), when trusting', at => {
    expect(timed(new Agents({ trusting: true }), 'sbc', at, noon)).toEqual({ refused: 'future' })
  })
})

describe('an agent more than an hour behind', () => {
  const behind = hours(10)
  /** What is heard of an agent as far behind as that, `later` after noon. */
  function heardLater(agents: Agents, later: number, captured = later): EpochMicros | undefined {
    const time = timed(agents, 'replay', minus(plus(noon, seconds(captured)), behind), plus(noon, seconds(later)))
    return time.refused === undefined ? time.at : undefined
  }

  it('is shifted by one constant, whatever the way of each packet takes', () => {
    const agents = new Agents({ trusting: false })
    const times = [0, 1, 4.5, 3].map((captured, index) => heardLater(agents, index * 1.5, captured))
    expect(times).toEqual([0, 1, 4.5, 3].map(captured => plus(noon, seconds(captured))))
    expect([...agents.all()]).toMatchObject([{ name: 'replay', shift: behind }])
  })

  it('that runs faster than time counts at the arrival, once it is 5 s ahead', () => {
    const agents = new Agents({ trusting: false })
    heardLater(agents, 0)
    expect(heardLater(agents, 1, 7)).toBe(plus(noon, seconds(1)))
  })

  it('is shifted anew when it falls back by more than a minute: it has begun again', () => {
    const agents = new Agents({ trusting: false })
    heardLater(agents, 0)
    heardLater(agents, 100)
    expect(heardLater(agents, 101, 50)).toBe(plus(noon, seconds(50)))
    expect(heardLater(agents, 102, 0)).toBe(plus(noon, seconds(102)))
  })

  it('is shifted no more when its clock is right again', () => {
    const agents = new Agents({ trusting: false })
    heardLater(agents, 0)
    expect(timed(agents, 'replay', plus(noon, seconds(1)), plus(noon, seconds(1)))).toEqual({
      at: plus(noon, seconds(1))
    })
    expect([...agents.all()][0]).not.toHaveProperty('shift')
  })
})

describe('the agents known', () => {
  it('are counted each for itself', () => {
    const agents = new Agents({ trusting: false })
    for (const name of ['a', 'b', 'a']) agents.heard(name, noon)
    expect([...agents.all()]).toMatchObject([
      { name: 'a', packets: 2, lastSeen: noon },
      { name: 'b', packets: 1 }
    ])
  })

  it('have an estimate of their clock: the smallest difference lately, whatever came late', () => {
    const agents = new Agents({ trusting: false })
    const sees = (second: number, ahead: number): number => {
      const arrivedAt = plus(noon, seconds(second))
      timed(agents, 'sbc', plus(arrivedAt, seconds(ahead)), arrivedAt)
      return clockAhead(agents.all()[0]!)
    }
    expect([sees(0, 1), sees(1, 3), sees(2, -4), sees(59, 2)]).toEqual([1, 3, 3, 3])
    // The clock was set: the minute before is still believed, the one before that no more.
    expect([sees(60, 0.5), sees(119, 0.25), sees(120, 0.25), sees(180, 0.25)]).toEqual([3, 3, 0.5, 0.25])
    expect(sees(3600, -1)).toBe(-1)
  })

  it('are known by 128 characters of their name; longer ones are told apart by a hash', () => {
    const agents = new Agents({ trusting: false })
    const names = ['x'.repeat(128), 'x'.repeat(129), `${'x'.repeat(60_000)}y`, 'x'.repeat(129)]
    for (const name of names) agents.heard(name, noon)
    const known = agents.all().map(({ name, packets }) => ({ length: name.length, packets }))
    expect(known).toEqual(expect.arrayContaining([{ length: 128, packets: 2 }]))
    expect(known.map(({ length }) => length)).toEqual([128, 128, 128])
  })

  it('are at most 10,000, whoever invents names: who was silent for longest is forgotten', () => {
    const agents = new Agents({ trusting: false })
    agents.heard('steady', noon)
    for (let index = 0; index < 10_500; index++) {
      agents.heard(`agent ${index}`, noon)
      if (index % 1000 === 0) agents.heard('steady', noon)
    }
    const names = new Set(agents.all().map(({ name }) => name))
    expect(names.size).toBe(10_000)
    expect(names).toContain('steady')
    expect(names).not.toContain('agent 500')
  })

  it('are not pushed out by those who are refused', () => {
    const agents = new Agents({ trusting: false })
    agents.heard('steady', noon)
    for (let index = 0; index < 10_500; index++) agents.refused(`agent ${index}`)
    expect(agents.refused('one more')).toBeUndefined()
    expect(agents.refused('steady')).toMatchObject({ packets: 1, lastSeen: noon })
    expect(agents.heardLast(2).map(({ name }) => name)).toEqual(['agent 9997', 'agent 9998'])
  })
})

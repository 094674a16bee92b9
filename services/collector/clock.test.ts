import { describe, expect, it } from '@jest/globals'
import { SteadyClock } from './clock.ts'

const NOON_MS = 1_767_225_600e3
const HOUR = 3600

/** A machine whose clock is set while time goes on; tells how far the collector's time is from noon, in seconds. */
function machine() {
  let passedMs = 1234.5
  let wallMs = NOON_MS
  const clock = new SteadyClock({ wallMs: () => wallMs, steadyMs: () => passedMs })
  const since = (): number => (clock.now() - NOON_MS * 1e3) / 1e6
  return {
    since,
    set: (seconds: number): void => void (wallMs += seconds * 1e3),
    /** Time goes on, with a comparison in each second. */
    pass: (seconds: number): number => {
      for (let second = 0; second < seconds; second++) {
        passedMs += 1e3
        wallMs += 1e3
        clock.follow()
      }
      return since()
    }
  }
}

describe('the collector’s time', () => {
  it('is that of the machine', () => {
    const { since, pass } = machine()
    expect([since(), pass(10)]).toEqual([0, 10])
  })

  it.each([3, -3, 5, -5])('follows a clock that is set by %d s at once', step => {
    const { set, pass } = machine()
    set(step)
    expect(pass(1)).toBe(1 + step)
  })

  it.each([HOUR, -HOUR, 5.5])('does not see a clock that is set by %d s and soon back', step => {
    const { set, pass } = machine()
    set(step)
    expect(pass(29)).toBe(29)
    set(-step)
    expect(pass(100)).toBe(129)
  })

  it.each([HOUR, -HOUR])('follows a clock that is set by %d s when it has stayed there for 30 s', step => {
    const { set, pass } = machine()
    set(step)
    expect([pass(30), pass(1)]).toEqual([30, 31 + step])
  })

  it('counts these 30 s anew when the clock was right in between', () => {
    const { set, pass } = machine()
    set(HOUR)
    pass(20)
    set(-HOUR)
    pass(1)
    set(HOUR)
    expect(pass(20)).toBe(41)
  })
})

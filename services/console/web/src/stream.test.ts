import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { follow, type Source, type Stream } from './stream.ts'

class FakeSource implements Source {
  closed = false
  readonly #listeners = new Map<string, (event: { data?: unknown }) => void>()

  addEventListener(name: string, listener: (event: { data?: unknown }) => void): void {
    this.#listeners.set(name, listener)
  }
  close(): void {
    this.closed = true
  }
  tell(name: string, told?: unknown): void {
    this.#listeners.get(name)!({ data: JSON.stringify(told) })
  }
}

describe('a stream that is followed', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => {
    stream.stop()
    jest.useRealTimers()
  })
  let stream: Stream
  let told: unknown[]
  let opened: FakeSource[]
  const last = () => opened.at(-1)!

  beforeEach(() => {
    told = []
    opened = []
    stream = follow({
      open: () => opened[opened.push(new FakeSource()) - 1]!,
      names: ['alerts'],
      onEvent: (name, value) => told.push([name, value]),
      onLost: retryInMs => told.push(`lost for ${retryInMs}`),
      silentMs: 40_000,
      firstPauseMs: 1_000,
      longestPauseMs: 5_000
    })
  })

  it('tells what it is told', () => {
    last().tell('alerts', { active: [] })
    expect(told).toEqual([['alerts', { active: [] }]])
  })

  it('is opened anew when it breaks, ever later, and soon again once something was heard', () => {
    for (const pause of [1_000, 2_000, 4_000, 5_000, 5_000]) {
      last().tell('error')
      expect(last().closed).toBe(true)
      expect(told.pop()).toBe(`lost for ${pause}`)
      jest.advanceTimersByTime(pause)
    }
    expect(opened.length).toBe(6)
    last().tell('alerts', 1)
    last().tell('error')
    expect(told.pop()).toBe('lost for 1000')
  })

  it('is lost when nothing is heard for long, not even that there is nothing new', () => {
    jest.advanceTimersByTime(39_000)
    last().tell('beat')
    jest.advanceTimersByTime(39_000)
    expect(told).toEqual([])
    jest.advanceTimersByTime(1_000)
    expect(told).toEqual(['lost for 1000'])
  })

  it('is tried at once where somebody wants it', () => {
    last().tell('error')
    stream.now()
    stream.now()
    expect(opened.length).toBe(2)
  })

  it('is not heard of any more once it was stopped', () => {
    const before = last()
    stream.stop()
    before.tell('alerts', 1)
    jest.advanceTimersByTime(100_000)
    expect([told, opened.length]).toEqual([[], 1])
  })
})

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { poll } from './poll.ts'

/** Polls a scripted server: each entry answers one load; 'never' hangs until it is aborted. */
function polled(script: (number | Error | 'never')[]) {
  const seen: string[] = []
  const poller = poll<number>({
    load: signal => {
      const next = script.shift() ?? 0
      if (next instanceof Error) return Promise.reject(next)
      if (next !== 'never') return Promise.resolve(next)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
    },
    everyMs: 2_000,
    timeoutMs: 5_000,
    longestPauseMs: 7_000,
    onAnswer: answer => seen.push(`answer ${answer}`),
    onFailure: (reason, retryInMs) => seen.push(`${reason}, again in ${retryInMs}`)
  })
  return { seen, poller }
}

describe('poll', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  it('loads at once, then after each pause', async () => {
    const { seen, poller } = polled([1, 2, 3])
    await jest.advanceTimersByTimeAsync(2_000)
    expect(seen).toEqual(['answer 1', 'answer 2'])
    poller.stop()
  })

  it('doubles the pause with each failure up to the longest, and forgets that with an answer', async () => {
    const gone = new TypeError('NetworkError')
    const { seen, poller } = polled([gone, new Error('the server answered 502'), gone, 1, gone])
    await jest.advanceTimersByTimeAsync(4_000 + 7_000 + 7_000 + 2_000)
    expect(seen).toEqual([
      'the server cannot be reached, again in 4000',
      'the server answered 502, again in 7000',
      'the server cannot be reached, again in 7000',
      'answer 1',
      'the server cannot be reached, again in 4000'
    ])
    poller.stop()
  })

  it('aborts a load that takes too long', async () => {
    const { seen, poller } = polled(['never'])
    await jest.advanceTimersByTimeAsync(5_000)
    expect(seen).toEqual(['the server does not answer, again in 4000'])
    poller.stop()
  })

  it('loads at once when told to, but never twice at a time', async () => {
    const { seen, poller } = polled([1, 2, 'never', 4])
    await jest.advanceTimersByTimeAsync(0)
    poller.now()
    await jest.advanceTimersByTimeAsync(0)
    expect(seen).toEqual(['answer 1', 'answer 2'])
    poller.now()
    poller.now()
    await jest.advanceTimersByTimeAsync(4_999)
    expect(seen).toHaveLength(2)
    poller.stop()
  })

  it('says nothing any more once stopped', async () => {
    const { seen, poller } = polled(['never', 1])
    poller.stop()
    await jest.advanceTimersByTimeAsync(60_000)
    expect(seen).toEqual([])
  })
})

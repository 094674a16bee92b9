import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { Correlator, messagesOf } from './index.ts'

const long = 'x'.repeat(200)
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

/** The longest state of a call that was written behind any of the messages, and what was not kept. */
function flooded(text: string): { longest: number; notKept: number; finals: readonly number[] } {
  const finals: number[] = []
  const correlator = new Correlator({
    keepsChanges: true,
    emit: record => void (record.kind === 'attempt' && finals.push(record.status))
  })
  let longest = 0
  const messages = messagesOf(ladder(text))
  for (const [index, observed] of messages.entries()) {
    correlator.process(observed)
    if (index % 50 > 0 && index < messages.length - 1) continue
    for (const { value } of correlator.changes()) longest = Math.max(longest, value?.length ?? 0)
  }
  correlator.finish()
  return { longest, notKept: correlator.counts.notKept, finals }
}

describe('what is kept of one Call-ID is bounded, whatever floods it', () => {
  it.each([
    { flood: 'requests', text: lines(700, index => `${index} a>b OPTIONS b${index}`) },
    { flood: 'requests of long tags', text: lines(400, index => `${index} a>b OPTIONS b${index} ft=${index}${long}`) },
    { flood: 'attempts', text: lines(300, index => `${index} a>b INVITE b${index} ft=${index}${long}`) },
    { flood: 'responses', text: `0 a>b INVITE\n${lines(1400, index => `${index + 1} b>a 180 tt=${index}`)}` },
    { flood: 'long tags', text: `0 a>b INVITE\n${lines(450, index => `${index + 1} b>a 180 tt=${index}${long}`)}` },
    {
      flood: 'descriptions',
      text: `0 a>b INVITE +S\n${lines(1000, index => `${index + 1} b>a 183 tt=${index} +S(v=${index})`)}`
    }
  ])('$flood', ({ text }) => {
    const { longest, notKept } = flooded(text)
    expect(longest).toBeGreaterThan(60_000)
    expect(longest).toBeLessThan(130_000)
    expect(notKept).toBeGreaterThan(0)
  })

  it('but what an attempt ends with is kept', () => {
    const responses = lines(1400, index => `${index + 1} b>a 180 tt=${index}`)
    expect(flooded(`0 a>b INVITE\n${responses}\n5s b>a 486 tt=1`).finals).toEqual([486])
    expect(flooded(`0 a>b INVITE\n${responses}\n5s b>a 200 tt=1`).finals).toEqual([200])
  })
})

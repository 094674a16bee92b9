import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { plus, seconds } from '@earshot/units'
import { Correlator, messagesOf, type CallEndRecord, type CallsRecord } from './index.ts'

const answer = '0 a>b INVITE\n1s b>a 200 tt=x\n'

/** Folds the ladder; where asked to, another correlator goes on from the state behind each message. */
function fold(text: string, { restarts = false } = {}): { ends: CallEndRecord[]; state: Map<string, Buffer> } {
  const ends: CallEndRecord[] = []
  const state = new Map<string, Buffer>()
  const emit = (record: CallsRecord): void => void (record.kind === 'call_end' && ends.push(record))
  let correlator = new Correlator({ emit, keepsChanges: true })
  for (const observed of messagesOf(ladder(text))) {
    correlator.process(observed)
    for (const { key, value } of correlator.changes()) {
      if (value) state.set(key, value)
      else state.delete(key)
    }
    if (!restarts) continue
    correlator = new Correlator({ emit, keepsChanges: true })
    for (const [key, value] of state) correlator.restore(key, value)
  }
  return { ends, state }
}

describe('an answered call', () => {
  it('is kept by itself when nothing else is known of it any more, and is told to have ended hours later', () => {
    const { state } = fold(`${answer}7200s a>b OPTIONS call=2`)
    expect([...state.keys()].sort()).toEqual(['call call-2@ladder.example', 'established call-1@ladder.example'])
    const text = `${answer}1800s a>b OPTIONS call=2\n7201s a>b BYE tt=x\n7201500 b>a 200 BYE\n7300s a>b OPTIONS call=3`
    for (const restarts of [false, true]) {
      const { ends, state: left } = fold(text, { restarts })
      expect(ends).toMatchObject([{ talkSeconds: 7200, disconnectDelay: 0.5, release: 'caller' }])
      expect([...left.keys()].filter(key => key.startsWith('established'))).toEqual([])
    }
  })

  it('is given up after a day, once, whoever looks for it', () => {
    const text = `${answer}80000s a>b OPTIONS call=2\n95000s a>b OPTIONS call=3\n98000s a>b BYE tt=x`
    for (const restarts of [false, true]) {
      const { ends, state } = fold(text, { restarts })
      expect(ends).toMatchObject([{ release: 'unseen', byeStatus: 0 }])
      expect((ends[0]!.endedAt / 1e6) % 3600).toBe(0)
      expect([...state.keys()].filter(key => key.startsWith('established'))).toEqual([])
    }
  })

  it('is given up at once where its Call-ID has too many of them', () => {
    const lines = Array.from(
      { length: 20 },
      (_, index) => `${index}s a>b INVITE b${index} ft=${index}\n${index * 1000 + 100} b>a 200 b${index} tt=${index}`
    )
    expect(fold(lines.join('\n')).ends.map(({ release }) => release)).toEqual(['unseen', 'unseen', 'unseen'])
  })

  it('of a later version is refused: an older program must not guess', () => {
    const correlator = new Correlator({ emit: () => {} })
    expect(() => correlator.restore('established c', Buffer.from('[99,[]]'))).toThrow('99')
  })

  it('does not end by a BYE behind the watermark, which starts nothing', () => {
    const ends: CallsRecord[] = []
    const correlator = new Correlator({ emit: record => record.kind === 'call_end' && ends.push(record) })
    const [invite, ok, bye] = messagesOf(ladder(`${answer}5s a>b BYE tt=x`))
    correlator.process(invite!)
    correlator.process(ok!)
    correlator.advance(plus(bye!.at, seconds(1)))
    correlator.process(bye!)
    correlator.finish()
    expect(ends).toEqual([])
  })
})

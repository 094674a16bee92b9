import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { byAddress, defaultLimits, type AttemptRecord } from '@earshot/calls'
import { ladder } from '@earshot/traffic'
import { epochMicros, type Captured } from '@earshot/units'
import { analyze } from './analyze.ts'
import { captureWriter } from './captures.fixture.ts'
import { attemptRow, isoTime } from '../attempt-row.ts'
import { Analysis, type Summary } from './analysis.ts'

const start = epochMicros(1_767_225_600e6)
const capture = captureWriter()

type Answer = Summary & { readonly attempts: readonly object[] }

async function answerOf(...files: readonly string[]): Promise<Answer> {
  let text = ''
  const write = async (piece: string): Promise<void> => void (text += piece)
  await analyze(files, { parties: byAddress, limits: defaultLimits, json: true, write })
  return JSON.parse(text) as Answer
}

const call = (number: number, at: number): Captured[] =>
  ladder(
    `${at} a>b INVITE call=${number} +S
     ${at + 12} b>a 100 call=${number}
     ${at + 480} b>a 183 tt=x call=${number} +S
     ${at + 9000} b>a 200 call=${number}
     ${at + 9020} a>b ACK call=${number}`,
    { start }
  )

describe('analyze of several files', () => {
  const calls = [call(1, 0), call(2, 3000), call(3, 30_000), call(4, 100_000)].flat()

  it('reads them as one, in time order, however the messages lie in them', async () => {
    const whole = await answerOf(capture('whole.pcap', calls.toSorted(inTime)))
    expect(whole).toMatchObject({ messages: { sip: 20, orphans: 0, late: 0 }, calls: 4 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: calls.length, maxLength: calls.length }), async places => {
        const files = [0, 1, 2].map(file =>
          capture(`part-${file}.pcap`, calls.filter((_, index) => places[index] === file).toSorted(inTime))
        )
        expect(await answerOf(...files)).toEqual(whole)
      }),
      { numRuns: 20 }
    )
  })

  it('takes them in any order', async () => {
    const [early, late] = [capture('early.pcap', call(1, 0)), capture('late.pcap', call(2, 86_400_000))]
    expect(await answerOf(late, early)).toEqual(await answerOf(early, late))
  })

  it('counts a file given twice as seen by two', async () => {
    const file = capture('twice.pcap', call(1, 0))
    const { messages, peers } = await answerOf(file, file)
    expect(messages).toMatchObject({ sip: 10, duplicates: 5 })
    expect(peers).toMatchObject([{ attempts: 1, outcomes: { answered: 1 } }])
  })

  it('reads the others to their end though one of them is damaged', async () => {
    const damaged = capture('damaged.pcap', call(1, 0), 10)
    const sound = capture('sound.pcap', [...call(2, 1), ...call(3, 60_000)])
    let text = ''
    const write = async (piece: string): Promise<void> => void (text += piece)
    const options = { parties: byAddress, limits: defaultLimits, json: true, write }
    await expect(analyze([damaged, sound], options)).rejects.toThrow('damaged.pcap')
    expect(JSON.parse(text)).toMatchObject({ messages: { sip: 14 }, calls: 3 })
  })

  const inTime = (a: Captured, b: Captured): number => a.capturedAt - b.capturedAt
})

describe('Analysis', () => {
  const analysed = (messages: readonly Captured[]): { summary: Summary; attempts: AttemptRecord[] } => {
    const attempts: AttemptRecord[] = []
    const analysis = new Analysis({
      parties: byAddress,
      limits: defaultLimits,
      onRecord: record => void (record.kind === 'attempt' && attempts.push(record))
    })
    for (const message of messages) analysis.add(message)
    return { summary: analysis.finish(), attempts }
  }

  it('does not mind the order of messages', () => {
    const messages = [...call(1, 0), ...call(2, 400)]
    expect(analysed(messages.toReversed())).toEqual(analysed(messages))
  })

  it('hands each attempt out, and its row for the answer has times as text', () => {
    const { attempts } = analysed(call(1, 0))
    expect(attempts.length).toBe(1)
    expect(attemptRow(attempts[0]!)).toMatchObject({
      callId: expect.any(String),
      peer: '203.0.113.7',
      outcome: 'answered',
      startedAt: '2026-01-01T00:00:00.000000Z',
      endedAt: '2026-01-01T00:00:09.000000Z'
    })
    expect(attemptRow(attempts[0]!)).not.toHaveProperty('kind')
  })

  it('hands each attempt out once, whether it waits for legs or not', () => {
    const ids: string[] = []
    const analysis = new Analysis({
      parties: byAddress,
      limits: defaultLimits,
      onJoined: ({ id }) => void ids.push(id)
    })
    const messages = [call(1, 0), call(2, 400), call(3, 200_000)].flat()
    for (const message of messages) analysis.add(message)
    analysis.finish()
    const { attempts } = analysed(messages)
    expect(ids.toSorted()).toEqual(attempts.map(({ id }) => id).toSorted())
  })

  it('leaves a call open that has no final at the end of the file', () => {
    const { summary } = analysed(call(1, 0).slice(0, 3))
    expect(summary.peers).toMatchObject([{ outcomes: { open: 1 }, classes: { early_media: 1 } }])
  })
})

describe('isoTime', () => {
  it.each([
    { time: 0, text: '1970-01-01T00:00:00.000000Z' },
    { time: 1_767_225_600_000_001, text: '2026-01-01T00:00:00.000001Z' },
    { time: 1_767_225_600_999_999, text: '2026-01-01T00:00:00.999999Z' },
    { time: 4_294_967_295_999_999, text: '2106-02-07T06:28:15.999999Z' }
  ])('writes $time as $text', ({ time, text }) => {
    expect(isoTime(time)).toBe(text)
  })
})

describe('analyze of a capture with media', () => {
  const inTheFile = (name: string, text: string): Promise<Answer> => answerOf(capture(name, ladder(text, { start })))

  it('tells that early media was heard of', async () => {
    const { attempts, messages } = await inTheFile(
      'heard.pcap',
      '0 a>b INVITE +S\n480 b>a 183 tt=x +S\n500 b>a rtp x400/20\n9000 b>a 480 tt=x'
    )
    expect(attempts).toMatchObject([{ mediaEvidence: 'seen', flags: [] }])
    expect(messages).toMatchObject({ sip: 3 })
  })

  it('tells silence where the other way is in the capture, and without any media nothing', async () => {
    const call = '0 a>b INVITE +S\n480 b>a 183 tt=x +S\n9000 b>a 480 tt=x'
    const { attempts } = await inTheFile('silent.pcap', `${call}\n500 a>b rtp x400/20`)
    expect(attempts).toMatchObject([{ mediaEvidence: 'none_seen', flags: ['silence_risk'] }])
    expect((await inTheFile('sip.pcap', call)).attempts).toMatchObject([{ mediaEvidence: 'unverified', flags: [] }])
  })

  it('does not take the end of the media for the end of the signalling', async () => {
    const { attempts } = await inTheFile('cut.pcap', '0 a>b INVITE +S\n480 b>a 183 tt=x +S\n500 b>a rtp x60/20000')
    expect(attempts).toMatchObject([{ outcome: 'open', mediaEvidence: 'seen' }])
  })
})

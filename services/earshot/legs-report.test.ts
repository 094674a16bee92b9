import { describe, expect, it } from '@jest/globals'
import { byAddress, defaultLimits, legHeadersOf, type JoinedLeg, type LegsRecord } from '@earshot/calls'
import { ladder } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { analyze } from './analyze.ts'
import { captureWriter } from './captures.fixture.ts'
import { LegsReport } from './legs-report.ts'

const start = epochMicros(1_767_225_600e6)
const capture = captureWriter()

/** The callee's codec is offered; the B2BUA answers the caller with one that is not. */
const b2bua = (number: number, at: number) =>
  ladder(
    `${at} b>a INVITE call=${number}1 +S
     ${at + 5} a>c INVITE call=${number}2 +S
     X-CID: call-${number}1@ladder.example
     ${at + 300} c>a 183 call=${number}2 tt=x +S
     ${at + 305} a>b 183 call=${number}1 tt=y +S(codecs=G729)
     ${at + 5300} c>a 480 call=${number}2 tt=x
     ${at + 5305} a>b 480 call=${number}1 tt=y`,
    { start }
  )

const file = capture('b2bua.pcap', [...b2bua(1, 0), ...b2bua(2, 20_000), ...b2bua(3, 2_000_000)])

async function answer(json: boolean, headers = ['x-cid']): Promise<string> {
  let text = ''
  const write = async (piece: string): Promise<void> => void (text += piece)
  const legHeaders = legHeadersOf(headers)
  await analyze([file], { parties: byAddress, limits: defaultLimits, legHeaders, json, write })
  return text
}

type Answer = {
  readonly attempts: readonly { readonly id: string; readonly callId: string }[]
  readonly legs: readonly { readonly legs: readonly JoinedLeg[]; readonly faults: readonly object[] }[]
}

describe('analyze', () => {
  it('shows the legs of each call from the caller to the callee, and where early media got lost', async () => {
    const { legs } = JSON.parse(await answer(true)) as Answer
    expect(legs).toHaveLength(3)
    const [outer, inner] = legs[0]!.legs
    expect(outer).toMatchObject({
      callId: 'call-11@ladder.example',
      requester: '203.0.113.7',
      responder: '10.0.0.1',
      startedAt: '2026-01-01T00:00:00.000000Z',
      class: 'unusable'
    })
    expect(inner).toMatchObject({ callId: 'call-12@ladder.example', outer: outer!.attempt, class: 'early_media' })
    expect(legs[0]!.faults).toEqual([
      {
        attempt: outer!.attempt,
        callId: 'call-11@ladder.example',
        peer: '10.0.0.1',
        direction: 'outbound',
        codes: ['codec_mismatch']
      }
    ])
  })

  it('names in each attempt the other legs of its call, and where early media got lost', async () => {
    const { attempts, legs } = JSON.parse(await answer(true)) as Answer
    expect(attempts).toHaveLength(6)
    const [outer, inner] = ['call-11@ladder.example', 'call-12@ladder.example'].map(callId =>
      attempts.find(attempt => attempt.callId === callId)!
    )
    const { faults } = legs[0]!
    expect(outer).toMatchObject({
      otherLegs: [
        {
          attempt: inner!.id,
          callId: 'call-12@ladder.example',
          peer: '203.0.113.8',
          direction: 'outbound',
          class: 'early_media',
          outcome: 'no_answer',
          status: 480
        }
      ],
      legFaults: faults
    })
    expect(inner).toMatchObject({ otherLegs: [{ attempt: outer!.id }], legFaults: faults })
  })

  it('says it in one line to people', async () => {
    expect(await answer(false)).toContain(
      '\n3 calls of several legs; early media got lost on legs 3 to 10.0.0.1 (codec_mismatch)\n'
    )
  })

  it('says nothing where no header is looked at', async () => {
    expect(await answer(false, [])).not.toContain('legs')
    const { attempts, legs } = JSON.parse(await answer(true, [])) as Answer
    expect(legs).toEqual([])
    expect(attempts).toHaveLength(6)
    for (const attempt of attempts) expect(attempt).not.toHaveProperty('otherLegs')
  })
})

describe('LegsReport', () => {
  const record = (change: Partial<LegsRecord> = {}): LegsRecord => ({
    kind: 'legs',
    id: 'r',
    startedAt: start,
    endedAt: start,
    keys: [],
    legs: [],
    faults: [],
    ...change
  })

  it('shows no more than it can keep, and how many there are beyond', () => {
    const report = new LegsReport({ shown: true })
    for (let count = 0; count < 20_003; count++) report.take(record())
    const { legs, ...more } = JSON.parse(`{${report.json(7)}"end": 0}`) as Answer & object
    expect(legs).toHaveLength(20_000)
    expect(more).toEqual({ legsNotShown: 3, legsNotKept: 7, end: 0 })
  })

  it('tells of attempts that are too many for one call', () => {
    const report = new LegsReport({ shown: false })
    report.take(record({ crowd: 5000 }))
    expect(report.text()).toBe('5000 attempts not joined, for too many have one key\n')
  })
})

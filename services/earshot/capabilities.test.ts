import { describe, expect, it } from '@jest/globals'
import { defaultLimits } from '@earshot/calls'
import { emptyRegistry, parseRegistry, partiesOf, type Registry } from '@earshot/peers'
import { ladder } from '@earshot/traffic'
import { epochMicros, type Captured } from '@earshot/units'
import { analyze } from './analyze.ts'
import { capabilities } from './capabilities.ts'
import { captureWriter } from './captures.fixture.ts'

const start = epochMicros(1_767_225_600e6)
const capture = captureWriter()

/** So many UPDATEs, a second apart, each in a call of its own. */
const updates = (count: number, from: number, answer: string): Captured[] =>
  Array.from({ length: count }, (_, index) => (from + index) * 1000).flatMap(at =>
    ladder(`${at} a>b UPDATE call=${at} tt=x\n${at + 20} b>a ${answer} UPDATE call=${at}`, { start })
  )

const regressing = [...updates(20, 0, '200'), ...updates(5, 60, '501')]

async function answerOf(
  messages: readonly Captured[],
  json: boolean,
  { of = capabilities, registry = emptyRegistry }: { of?: typeof capabilities; registry?: Registry } = {}
): Promise<string> {
  let text = ''
  await of([capture('methods.pcap', messages)], {
    parties: partiesOf(() => registry),
    limits: defaultLimits,
    maintenanceOf: peer => registry.named(peer)?.maintenance ?? [],
    json,
    write: async piece => void (text += piece)
  })
  return text
}

describe('earshot capabilities', () => {
  it('prints the matrix, and what is regressed', async () => {
    const text = await answerOf(regressing, false)
    expect(text).toMatch(/203\.0\.113\.7 +│ regressed 501: 5/)
    expect(text).toContain('critical: 203.0.113.7 rejects UPDATE with 501 since 2026-01-01T00:01:00Z')
  })

  it('prints it as JSON', async () => {
    expect(JSON.parse(await answerOf(regressing, true))).toMatchObject({
      peers: [{ peer: '203.0.113.7', methods: [{ method: 'UPDATE', ok: { 200: 20 }, rejected: { 501: 5 } }] }],
      alerts: [{ kind: 'method_regression', method: 'UPDATE', startedAt: '2026-01-01T00:01:00.000Z' }]
    })
  })

  it('says where there is nothing to say', async () => {
    const text = await answerOf(ladder('0 a>b INVITE\n9 b>a 486', { start }), false)
    expect(text).toBe('no peer showed which methods it takes\n')
  })

  it('keeps silent in a maintenance window', async () => {
    const registry = parseRegistry(
      `peers: [{ name: far, members: [203.0.113.7], maintenance: [{ from: 2026-01-01T00:00:30Z, to: 2026-01-01T01:00:00Z }] }]`,
      'peers.yaml'
    )
    expect(await answerOf(regressing, false, { registry })).not.toContain('critical')
  })
})

describe('analyze', () => {
  it('says what a peer takes, on its rows, and what is not as it was', async () => {
    const call = ladder('0 a>b INVITE call=9\n9 b>a 486 call=9', { start })
    const answer = JSON.parse(await answerOf([...call, ...regressing], true, { of: analyze })) as object
    expect(answer).toMatchObject({
      peers: [{ peer: '203.0.113.7', capabilities: { UPDATE: 'regressed' } }],
      alerts: [{ kind: 'method_regression', peer: '203.0.113.7', evidence: { codes: ['501'] } }]
    })
  })

  it('counts what our own equipment rejects under ours, and says nothing of the peer', async () => {
    const registry = parseRegistry(
      'peers: [{ name: A, ours: true, members: [10.0.0.1] }, { name: B, members: [203.0.113.7] }]',
      'peers.yaml'
    )
    const hairpin = ladder(
      `0 b>a UPDATE call=1 tt=x
       5 a>b 501 UPDATE call=1
       20 b>a INVITE b1 call=2
       25 a>b INVITE b2 call=2
       40 b>a 486 b2 call=2
       45 a>b 486 b1 call=2`,
      { start }
    )
    const { peers } = JSON.parse(await answerOf(hairpin, true, { of: analyze, registry })) as {
      peers: { peer: string; direction: string; rejections: object[]; capabilities: object }[]
    }
    expect(peers).toMatchObject([
      { peer: 'A', rejections: [{ method: 'UPDATE', code: 501 }], capabilities: {} },
      { peer: 'B', direction: 'inbound', capabilities: {} },
      { peer: 'B', direction: 'outbound', capabilities: {} }
    ])
  })
})

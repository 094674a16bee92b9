import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { Correlator, legHeadersOf, messagesOf, noLegHeaders, tellsOfLegs, type Leg, type LegHeaders } from './index.ts'
import { defaultLegHeaders, keyOfCall, legKeysOf, namedCall } from './leg-keys.ts'

/** The keys of an INVITE with these header lines. */
const keys = (headers: string, which: LegHeaders = defaultLegHeaders): readonly string[] =>
  legKeysOf(messagesOf(ladder(`0 a>b INVITE\n${headers}`))[0]!.message, which)

const uuid = 'ab30317f1a784dc48ff824d0d3715d86'

describe('headers that tell of other legs', () => {
  it('are known by their names in any case', () => {
    const all = { sessionId: true, chargingVector: true, callIds: ['x-cid', 'x-call-id'] }
    expect(legHeadersOf(['Session-ID', 'P-Charging-Vector', 'X-CID', 'x-Call-Id', 'Via'])).toEqual(all)
    expect(defaultLegHeaders).toEqual(all)
    expect(noLegHeaders).toEqual({ sessionId: false, chargingVector: false, callIds: [] })
  })

  it.each([
    { names: [], tells: false },
    { names: ['Via'], tells: false },
    { names: ['Session-ID'], tells: true },
    { names: ['P-Charging-Vector'], tells: true },
    { names: ['X-CID'], tells: true }
  ])('tell of them if there are any: $names', ({ names, tells }) => {
    expect(tellsOfLegs(legHeadersOf(names))).toBe(tells)
  })
})

describe('by what an INVITE meets other legs (LG-1)', () => {
  it.each([
    { headers: `Session-ID: ${uuid}`, found: [`session ${uuid}`] },
    { headers: 'P-Charging-Vector: icid-value="1;x"', found: ['icid 1;x'] },
    { headers: 'P-Charging-Vector: orig-ioi=home', found: [] },
    { headers: 'X-CID: other@far', found: ['call other@far'] },
    { headers: 'X-CID:', found: [] },
    { headers: 'X-CID: call-1@ladder.example', found: [] },
    { headers: 'X-Other: other@far', found: [] },
    { headers: 'X-Call-ID: b@far\nX-CID: b@far', found: ['call b@far'] },
    { headers: 'X-Call-ID: a@far\nX-CID: b@far', found: ['call a@far', 'call b@far'] },
    {
      headers: `Session-ID: ${uuid}\nP-Charging-Vector: icid-value=1\nX-CID: b@far`,
      found: ['call b@far', 'icid 1', `session ${uuid}`]
    }
  ])('is its $headers', ({ headers, found }) => {
    expect(keys(headers)).toEqual(found)
    expect(keys(headers, noLegHeaders)).toEqual([])
  })

  it('is only what is asked for', () => {
    const headers = `Session-ID: ${uuid}\nP-Charging-Vector: icid-value=1\nX-CID: b@far`
    expect(keys(headers, legHeadersOf(['Session-ID']))).toEqual([`session ${uuid}`])
    expect(keys(headers, legHeadersOf(['P-Charging-Vector']))).toEqual(['icid 1'])
    expect(keys(headers, legHeadersOf(['X-CID']))).toEqual(['call b@far'])
  })

  it('is eight of them at most, the first by name', () => {
    const names = Array.from({ length: 12 }, (_, index) => `X-Leg-${index}`)
    const headers = names.map((name, index) => `${name}: ${20 - index}`).join('\n')
    const first = names.map((_, index) => `call ${20 - index}`).toSorted()
    expect(keys(headers, legHeadersOf(names))).toEqual(first.slice(0, 8))
  })

  it('is a hash where it is longer than any real one', () => {
    const [key] = keys(`P-Charging-Vector: icid-value=${'y'.repeat(300)}`)
    expect(key).toMatch(/^icid y{64}…[\w-]{27}$/)
    expect(keys(`P-Charging-Vector: icid-value=${'y'.repeat(256)}`)).toEqual([`icid ${'y'.repeat(256)}`])
  })

  it('names a Call-ID, or none', () => {
    expect([keyOfCall('b@far'), 'icid call ', `session ${uuid}`].map(namedCall)).toEqual([
      'b@far',
      undefined,
      undefined
    ])
  })
})

describe('the leg of an attempt', () => {
  /** The legs that a correlator tells of, by attempt. */
  function legsOf(text: string, legHeaders = defaultLegHeaders): Leg[] {
    const legs: Leg[] = []
    const correlator = new Correlator({ emit: () => undefined, emitLeg: leg => legs.push(leg), legHeaders })
    for (const observed of messagesOf(ladder(text))) correlator.process(observed)
    correlator.finish()
    return legs
  }
  const failed = '500 b>a 486 tt=x'

  it('is told without a key of its own where another may name its Call-ID', () => {
    const text = `0 a>b INVITE\n${failed}`
    expect(legsOf(text)).toMatchObject([{ keys: ['call call-1@ladder.example'], codes: [] }])
    expect(legsOf(text, legHeadersOf(['Session-ID']))).toEqual([])
  })

  it('has no key of its Call-ID where none can be named', () => {
    const text = `0 a>b INVITE\nSession-ID: ${uuid}\n${failed}`
    expect(legsOf(text, legHeadersOf(['Session-ID'])).map(leg => leg.keys)).toEqual([[`session ${uuid}`]])
  })

  it('has the keys of all its INVITEs', () => {
    const text = `0 a>b INVITE b1 cseq=1\nX-CID: one@far\n100 b>a 407 b1 tt=z
200 a>b INVITE b2 cseq=2\nX-CID: two@far\n300 b>a 486 b2 tt=x`
    expect(legsOf(text).map(leg => leg.keys)).toEqual([['call one@far', 'call two@far', 'call call-1@ladder.example']])
  })

  it.each([
    {
      name: 'early media',
      text: '400 b>a 183 tt=x +S',
      early: { class: 'early_media', timeToEarlyMedia: 0.4, codes: [] }
    },
    { name: 'ringing only', text: '400 b>a 180 tt=x', early: { class: 'ringing', codes: [] } },
    { name: 'none', text: '', early: { class: 'none', codes: [] } },
    {
      name: 'a description without a common codec',
      text: '400 b>a 183 tt=x +S(codecs=G729)',
      early: { class: 'unusable', codes: ['codec_mismatch'] }
    },
    {
      name: 'a veto',
      text: '400 b>a 183 tt=x +S   P-Early-Media: inactive',
      early: { class: 'vetoed', codes: ['p_early_media_inactive'] }
    }
  ])('says what becomes of early media: $name', ({ text, early }) => {
    const [leg] = legsOf(`0 a>b INVITE +S\n${text}\n9s b>a 486 tt=x`)
    expect(leg).toMatchObject(early)
    expect('timeToEarlyMedia' in leg!).toBe('timeToEarlyMedia' in early)
  })
})

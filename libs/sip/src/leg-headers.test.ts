import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readIcid, readSessionIds } from './leg-headers.ts'
import { readSip } from './payload.ts'

const a = 'ab30317f1a784dc48ff824d0d3715d86'
const b = '47755a9de7794ba387653f2099600ef2'
const nil = '0'.repeat(32)

describe('Session-ID', () => {
  it.each([
    { name: 'both sides', value: `${a};remote=${b}`, ids: [a, b] },
    { name: 'a remote that is not known yet', value: `${a};remote=${nil}`, ids: [a] },
    { name: 'a local that is not known yet', value: `${nil};remote=${b}`, ids: [b] },
    { name: 'RFC 7329, without remote', value: a, ids: [a] },
    { name: 'another parameter before remote, and blanks', value: `${a} ;x=y; remote=${b}`, ids: [a, b] },
    { name: 'capitals', value: `${a.toUpperCase()};Remote=${b.toUpperCase()}`, ids: [a, b] },
    { name: 'the same on both sides', value: `${a};remote=${a}`, ids: [a] },
    { name: 'no UUID', value: `call-17;remote=${b.slice(1)}`, ids: [] },
    { name: 'nothing', value: '', ids: [] },
    { name: 'far too much', value: `${a}${'0'.repeat(60_000)}`, ids: [] }
  ])('of $name', ({ value, ids }) => {
    expect(readSessionIds(value)).toEqual(ids)
  })
})

describe('icid-value', () => {
  it.each([
    {
      name: 'as a token',
      value: 'icid-value=AyretyU0dm+6O2IrT5tAFrbHLso=023551024',
      icid: 'AyretyU0dm+6O2IrT5tAFrbHLso=023551024'
    },
    { name: 'quoted', value: 'icid-value="12;34\\"5 6";icid-generated-at=192.0.2.6', icid: '12;34"5 6' },
    { name: 'behind others', value: 'orig-ioi=home1.example; ICID-Value = 77 ;term-ioi=x', icid: '77' },
    { name: 'missing', value: 'orig-ioi=home1.example', icid: '' },
    { name: 'a quote never closed', value: 'icid-value="77', icid: '' },
    { name: 'of another name', value: 'my-icid-value=77', icid: '' }
  ])('$name', ({ value, icid }) => {
    expect(readIcid(value)).toBe(icid)
  })
})

describe('a message', () => {
  const message = (...lines: readonly string[]) =>
    readSip(Buffer.from(['INVITE sip:b SIP/2.0', ...lines, 'CSeq: 1 INVITE', 'Call-ID: c1', '', ''].join('\r\n')))
      .messages[0]!

  it('tells its leg headers, in any case', () => {
    const invite = message(`SESSION-id: ${a};remote=${nil}`, 'p-charging-vector: icid-value=7', 'x-cid: other@host')
    expect([invite.sessionIds, invite.icid, invite.header('X-CID')]).toEqual([[a], '7', 'other@host'])
  })

  it('without them tells nothing, other X- headers or not', () => {
    for (const lines of [[], ['X-Other: 1', 'XY: 2', 'x: 3']]) {
      const invite = message(...lines)
      expect([invite.sessionIds, invite.icid, invite.header('X-CID')]).toEqual([[], '', undefined])
    }
  })

  it('of any bytes has an answer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), value => {
        const invite = message(`Session-ID: ${value}`, `P-Charging-Vector: icid-value=${value}`)
        expect(invite.sessionIds.length).toBeLessThanOrEqual(2)
        expect(typeof invite.icid).toBe('string')
      })
    )
  })
})

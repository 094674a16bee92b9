import { epochMicros } from '@earshot/units'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { capturedAt, hepFields } from './arbitraries.testing.ts'
import { decodeHep } from './decode.ts'
import { encodeHep } from './encode.ts'
import { eraseHepAuthKey, retimeHep } from './patch.ts'

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')

const fieldsOf = (frame: Buffer): unknown => {
  const packet = decodeHep(frame)
  return packet.kind === 'error' ? packet : packet.fields()
}

const someFrame = hepFields.map(encodeHep)

describe('retimeHep', () => {
  it('changes the time of a frame that has one, and nothing else', () => {
    fc.assert(
      fc.property(hepFields, capturedAt, (fields, time) => {
        const frame = encodeHep(fields)
        const done = retimeHep(frame, time)
        expect(done).toBe(fields.capturedAt !== undefined)
        expect(fieldsOf(frame)).toEqual(done ? { ...fields, capturedAt: time } : fields)
      })
    )
  })

  it('changes every copy of a duplicated time', () => {
    const chunks = '0000 0009 000a 00000001 0000 000a 000a 00000001'
    const frame = hex(`48455033 002e ${chunks} ${chunks}`)
    expect(retimeHep(frame, epochMicros(5_000_007))).toBe(true)
    const changed = '0000 0009 000a 00000005 0000 000a 000a 00000007'
    expect(frame).toEqual(hex(`48455033 002e ${changed} ${changed}`))
  })

  it.each([
    { name: 'seconds alone', bytes: '48455033 0010 0000 0009 000a 00000001' },
    { name: 'microseconds alone', bytes: '48455033 0010 0000 000a 000a 00000001' },
    { name: 'seconds of two bytes', bytes: '48455033 0018 0000 0009 0008 0001 0000 000a 000a 00000001' },
    { name: 'the time of a vendor', bytes: '48455033 001a 0001 0009 000a 00000001 0001 000a 000a 00000001' },
    { name: 'a chunk of length 0', bytes: '48455033 000c 0000 0009 0000' },
    { name: 'less than it promises', bytes: '48455033 00ff 0000 0009 000a 00000001 0000 000a 000a 00000001' },
    { name: 'HEPv2', bytes: '02 1c 02 11 13c4 13c4 0a000001 0a000002 00f15365 d0070000 d207 0000' },
    { name: 'nothing', bytes: '' }
  ])('leaves a frame alone that has $name', ({ bytes }) => {
    const frame = hex(bytes)
    expect(retimeHep(frame, epochMicros(1))).toBe(false)
    expect(frame).toEqual(hex(bytes))
  })

  it.each([-1, 2 ** 32 * 1e6, Number.NaN, Infinity])('leaves a frame alone for a time that does not fit: %p', time => {
    const frame = encodeHep({ ...fc.sample(hepFields, 1)[0]!, capturedAt: epochMicros(1) })
    expect(retimeHep(frame, epochMicros(time))).toBe(false)
  })
})

describe('eraseHepAuthKey', () => {
  it('leaves zeros where the password was, and nothing else changed', () => {
    fc.assert(
      fc.property(hepFields, fields => {
        const frame = encodeHep(fields)
        eraseHepAuthKey(frame)
        const authKey = fields.authKey && Buffer.alloc(fields.authKey.length)
        expect(fieldsOf(frame)).toEqual({ ...fields, authKey })
      })
    )
  })
})

it('patching is total on damaged frames', () => {
  fc.assert(
    fc.property(someFrame, fc.nat(60), fc.nat(255), (frame, at, value) => {
      frame[at] = value
      retimeHep(frame, epochMicros(1))
      eraseHepAuthKey(frame)
    })
  )
})

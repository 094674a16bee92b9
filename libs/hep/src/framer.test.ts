import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { hepFields } from './arbitraries.testing.ts'
import { encodeHep } from './encode.ts'
import { HepFramer } from './framer.ts'

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')

const frameOf = (payload: string): Buffer => {
  const body = Buffer.from(payload, 'latin1')
  const head = hex('48455033 0000 0000 000f 0000')
  head.writeUInt16BE(12 + body.length, 4)
  head.writeUInt16BE(6 + body.length, 10)
  return Buffer.concat([head, body])
}

const retold = (frame: Buffer, length: number): Buffer => {
  const lying = Buffer.from(frame)
  lying.writeUInt16BE(length, 4)
  return lying
}

const framed = (pieces: readonly Buffer[]) => {
  const framer = new HepFramer()
  const frames = pieces.flatMap(piece => framer.push(piece).map(frame => frame.toString('latin1')))
  return { frames, skippedBytes: framer.skippedBytes, losses: framer.losses }
}

const cut = (stream: Buffer, at: readonly number[]): Buffer[] => {
  const places = [0, ...at.map(place => place % (stream.length + 1)).toSorted((a, b) => a - b), stream.length]
  return places.slice(1).map((end, index) => stream.subarray(places[index], end))
}

const [one, two, three] = [frameOf('one'), frameOf('the second'), frameOf('3')] as const
const text = (...frames: Buffer[]): string[] => frames.map(frame => frame.toString('latin1'))

describe('HepFramer', () => {
  it.each([
    { name: 'one after the other', stream: [one, two, three], frames: [one, two, three], skipped: 0, losses: 0 },
    { name: 'garbage before', stream: ['garbage', one, two], frames: [one, two], skipped: 7, losses: 1 },
    { name: 'garbage between', stream: [one, 'HEHEP', two], frames: [one, two], skipped: 5, losses: 1 },
    { name: 'two gaps', stream: [one, 'x', two, 'yy', three], frames: [one, two, three], skipped: 3, losses: 2 },
    { name: 'garbage named HEP3', stream: [one, 'HEP3xx', two], frames: [one, two], skipped: 6, losses: 1 },
    {
      name: 'a header without its frame',
      stream: [hex('48455033 0040'), one, two],
      frames: [one, two],
      skipped: 6,
      losses: 1
    },
    { name: 'a length of zero', stream: [retold(one, 0), two], frames: [two], skipped: one.length, losses: 1 },
    { name: 'a length too short', stream: [retold(one, 13), two], frames: [two], skipped: one.length, losses: 1 },
    { name: 'a length too long by one', stream: [retold(one, 16), two], frames: [two], skipped: one.length, losses: 1 },
    {
      name: 'a length that swallows the next frame exactly',
      stream: [retold(one, one.length + two.length), two, three],
      frames: [two, three],
      skipped: one.length,
      losses: 1
    },
    {
      name: 'the greatest length',
      stream: [retold(one, 0xffff), two, three],
      frames: [two, three],
      skipped: one.length,
      losses: 1
    },
    {
      name: 'a chunk of length 0',
      stream: [hex('48455033 000c 0000 000f 0000'), two],
      frames: [two],
      skipped: 12,
      losses: 1
    },
    {
      name: 'a SIP message instead of HEP',
      stream: ['OPTIONS sip:b SIP/2.0\r\n\r\n'],
      frames: [],
      skipped: 25,
      losses: 1
    },
    {
      name: 'a frame in the payload of another',
      stream: [frameOf(text(one)[0]!), two],
      frames: [frameOf(text(one)[0]!), two],
      skipped: 0,
      losses: 0
    }
  ])('finds the frames: $name', ({ stream, frames, skipped, losses }) => {
    const bytes = Buffer.concat(stream.map(part => (typeof part === 'string' ? Buffer.from(part) : part)))
    const expected = { frames: text(...frames), skippedBytes: skipped, losses }
    expect(framed([bytes])).toEqual(expected)
    expect(framed([...bytes].map(byte => Buffer.of(byte)))).toEqual(expected)
  })

  it('refuses a frame of more chunks than any agent sends, so that a search stays cheap', () => {
    const chunks = (count: number): Buffer =>
      Buffer.concat([
        hex('48455033'),
        Buffer.of((6 + 6 * count) >> 8, (6 + 6 * count) & 255),
        Buffer.alloc(6 * count, hex('0000 0077 0006'))
      ])
    expect(framed([chunks(256)]).frames).toHaveLength(1)
    expect(framed([chunks(257)]).frames).toHaveLength(0)
  })

  it('hands out views of the piece, and its own memory only for a frame that crosses pieces', () => {
    const stream = Buffer.concat([one, two, three])
    const [first, second] = [stream.subarray(0, one.length + 7), stream.subarray(one.length + 7)]
    const framer = new HepFramer()
    const frames = [...framer.push(first), ...framer.push(second)]
    expect(frames).toEqual([one, two, three])
    stream.fill(0)
    expect(frames).toEqual([Buffer.alloc(one.length), two, Buffer.alloc(three.length)])
  })
})

const goodFrame = hepFields.map(encodeHep)
const cuts = fc.array(fc.nat(4000), { maxLength: 12 })
const damagedFrame = fc.tuple(goodFrame, fc.nat(700)).map(([frame, length]) => retold(frame, length))
const noise = fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes))
const likeness = fc
  .array(fc.constantFrom('H', 'HE', 'HEP', 'HEP3', '\0', '\0\x06', '\0\x0c', '\0\0\0\x0f', '\xff'), { maxLength: 30 })
  .map(parts => Buffer.from(parts.join(''), 'latin1'))

describe('a stream', () => {
  it('gives its frames however it is cut', () => {
    fc.assert(
      fc.property(fc.array(goodFrame, { maxLength: 8 }), cuts, (frames, at) => {
        expect(framed(cut(Buffer.concat(frames), at))).toEqual({ frames: text(...frames), skippedBytes: 0, losses: 0 })
      })
    )
  })

  it('gives them with any garbage between them that is not called HEP3', () => {
    const garbage = noise.filter(bytes => !bytes.includes('HEP3'))
    fc.assert(
      fc.property(fc.array(fc.tuple(garbage, goodFrame), { maxLength: 8 }), cuts, (parts, at) => {
        const found = framed(cut(Buffer.concat(parts.flat()), at))
        expect(found.frames).toEqual(text(...parts.map(([, frame]) => frame)))
        expect(found.skippedBytes).toBe(parts.reduce((sum, [bytes]) => sum + bytes.length, 0))
      })
    )
  })

  it('gives the same frames and the same losses for every cut, whatever is in it', () => {
    const part = fc.oneof(goodFrame, damagedFrame, noise, likeness)
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), cuts, (parts, at) => {
        const stream = Buffer.concat(parts)
        const whole = framed([stream])
        expect(framed(cut(stream, at))).toEqual(whole)
        expect(framed([...stream].map(byte => Buffer.of(byte)))).toEqual(whole)
      }),
      { numRuns: 200 }
    )
  })

  it('comes out in its own order, with nothing invented', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(goodFrame, damagedFrame, likeness), { maxLength: 10 }), parts => {
        const stream = Buffer.concat(parts)
        const { frames, skippedBytes } = framed([stream])
        let from = 0
        for (const frame of frames) {
          const at = stream.indexOf(Buffer.from(frame, 'latin1'), from)
          expect(at).toBeGreaterThanOrEqual(from)
          from = at + frame.length
        }
        expect(frames.join('').length + skippedBytes).toBeLessThanOrEqual(stream.length)
      })
    )
  })
})

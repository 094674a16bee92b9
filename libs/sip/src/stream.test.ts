import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { SipStreamFramer } from './index.ts'
import { wire } from './messages.fixture.ts'

const message = (id: string, body: string): string =>
  `OPTIONS sip:${id}@x SIP/2.0\r\nCall-ID: ${id}\r\nContent-Length: ${body.length}\r\n\r\n${body}`

/** What a framer makes of a stream that comes in these chunks. */
function frame(chunks: readonly Buffer[], limits = {}) {
  const framer = new SipStreamFramer(limits)
  const messages = chunks.flatMap(chunk => framer.push(chunk)).map(bytes => bytes.toString('latin1'))
  return { messages, skipped: framer.skippedBytes, held: framer.heldBytes, notSip: framer.notSip }
}

const whole = (text: string, limits = {}) => frame([Buffer.from(text, 'latin1')], limits)

const byteByByte = (text: string, limits = {}) =>
  frame(
    Array.from(Buffer.from(text, 'latin1'), octet => Buffer.from([octet])),
    limits
  )

describe('a stream', () => {
  it.each([
    { name: 'one message', text: message('a', 'xyz'), messages: [message('a', 'xyz')], skipped: 0 },
    {
      name: 'several',
      text: message('a', 'x') + message('b', '') + message('c', 'z'),
      messages: [message('a', 'x'), message('b', ''), message('c', 'z')],
      skipped: 0
    },
    {
      name: 'keep-alives',
      text: `\r\n\r\n${message('a', 'x')}\r\n\r\n\n${message('b', '')}\r\n`,
      messages: [message('a', 'x'), message('b', '')],
      skipped: 0
    },
    {
      name: 'bare line feeds',
      text: 'BYE sip:x SIP/2.0\nl: 1\n\nxBYE sip:y SIP/2.0\n\n',
      messages: ['BYE sip:x SIP/2.0\nl: 1\n\nx', 'BYE sip:y SIP/2.0\n\n'],
      skipped: 0
    },
    {
      name: 'a body that looks like a message',
      text: message('a', message('b', 'x')),
      messages: [message('a', message('b', 'x'))],
      skipped: 0
    },
    {
      name: 'the end of a message before the first',
      text: `tag=x\r\nCSeq: 1 BYE\r\n\r\n${message('a', 'x')}`,
      messages: [message('a', 'x')],
      skipped: 20
    },
    {
      name: 'a body longer than it says',
      text: `${message('a', 'x')}yz\r\n${message('b', '')}`,
      messages: [message('a', 'x'), message('b', '')],
      skipped: 4
    },
    {
      name: 'no Content-Length: no body',
      text: `BYE sip:x SIP/2.0\r\n\r\n${message('b', '')}`,
      messages: ['BYE sip:x SIP/2.0\r\n\r\n', message('b', '')],
      skipped: 0
    },
    {
      name: 'no Content-Length but a body',
      text: `BYE sip:x SIP/2.0\r\n\r\nv=0\r\n${message('b', '')}`,
      messages: ['BYE sip:x SIP/2.0\r\n\r\n', message('b', '')],
      skipped: 5
    },
    {
      name: 'a folded Content-Length',
      text: 'BYE sip:x SIP/2.0\r\nl:\r\n 2\r\n\r\nxy',
      messages: ['BYE sip:x SIP/2.0\r\nl:\r\n 2\r\n\r\nxy'],
      skipped: 0
    },
    {
      name: 'a binary prefix',
      text: `\x16\x03\x01\n\x00\n${message('a', 'x')}`,
      messages: [message('a', 'x')],
      skipped: 6
    },
    { name: 'nothing', text: '', messages: [], skipped: 0 }
  ])('with $name is split, whole or byte by byte', ({ text, messages, skipped }) => {
    expect(whole(text)).toEqual({ messages, skipped, held: 0, notSip: false })
    expect(byteByByte(text)).toEqual({ messages, skipped, held: 0, notSip: false })
  })

  it('holds what is not finished', () => {
    const cut = message('a', 'xyz').slice(0, -1)
    expect(whole(cut)).toMatchObject({ messages: [], skipped: 0, held: cut.length })
  })

  it('hands out bytes that it does not write again', () => {
    const framer = new SipStreamFramer()
    const text = message('a', 'x') + message('b', 'yy')
    framer.push(Buffer.from(text.slice(0, 10)))
    const first = framer.push(Buffer.from(text.slice(10, -1)))
    const second = framer.push(Buffer.from(text.slice(-1)))
    framer.push(Buffer.from(text.slice(0, 60)))
    expect([...first, ...second].map(String)).toEqual([message('a', 'x'), message('b', 'yy')])
  })

  it('drops what it holds at a gap and begins again at a start line', () => {
    const framer = new SipStreamFramer()
    framer.push(Buffer.from(message('a', 'xyz').slice(0, -1)))
    framer.gap()
    const tail = `To: x\r\n\r\n${message('b', '')}`
    expect(framer.push(Buffer.from(tail)).map(String)).toEqual([message('b', '')])
    expect([framer.skippedBytes, framer.heldBytes]).toEqual([message('a', 'xyz').length - 1 + 7, 0])
  })
})

describe('a stream that is hostile or not SIP', () => {
  const http = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

  it('is given up after the look-ahead, and only counted from there on', () => {
    const text = http.repeat(10) + message('a', 'x')
    const limits = { maxLookaheadBytes: 200 }
    expect(whole(text, limits)).toMatchObject({ messages: [], held: 0, notSip: true })
    expect(byteByByte(text, limits)).toEqual(whole(text, limits))
  })

  it('is never given up once it was SIP', () => {
    const { messages, notSip } = whole(message('a', 'x') + http.repeat(100) + message('b', ''), {
      maxLookaheadBytes: 200
    })
    expect({ messages, notSip }).toEqual({ messages: [message('a', 'x'), message('b', '')], notSip: false })
  })

  it.each([
    { name: 'headers without end', text: `BYE sip:x SIP/2.0\r\n${'X: y\r\n'.repeat(100)}` },
    { name: 'one header line without end', text: `BYE sip:x SIP/2.0\r\nX: ${'y'.repeat(600)}` },
    { name: 'a body beyond the limit', text: 'BYE sip:x SIP/2.0\r\nContent-Length: 4000000000\r\n\r\nxyz' }
  ])('with $name is skipped within its limit and goes on', ({ text }) => {
    const limits = { maxMessageBytes: 300 }
    const stream = `${text}\r\n${message('b', 'x')}`
    expect(whole(stream, limits).messages).toEqual([message('b', 'x')])
    expect(byteByByte(stream, limits)).toEqual(whole(stream, limits))
  })

  it('holds no more than the longest message', () => {
    const framer = new SipStreamFramer({ maxMessageBytes: 1000 })
    framer.push(wire('BYE sip:x SIP/2.0', 'Content-Length: 0'))
    for (let i = 0; i < 100; i++) {
      framer.push(Buffer.from(`BYE sip:x SIP/2.0\r\nX: ${'y'.repeat(200)}`))
      expect(framer.heldBytes).toBeLessThanOrEqual(1000)
    }
  })

  it('costs no more than its length, however small the chunks', () => {
    const framer = new SipStreamFramer()
    framer.push(Buffer.from('BYE sip:x SIP/2.0\r\nX: '))
    const before = process.cpuUsage().user
    for (let i = 0; i < 200_000; i++) framer.push(Buffer.from('\r'))
    expect(framer.heldBytes).toBeGreaterThan(200_000)
    expect(process.cpuUsage().user - before).toBeLessThan(2_000_000)
  })
})

describe('however a stream is cut', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.tuple(fc.stringMatching(/^[a-z]{1,4}$/), fc.string({ maxLength: 20 })).map(([id, body]) => message(id, body)),
      fc.constantFrom(
        '\r\n',
        '\r\n\r\n',
        'garbage',
        'garbage\r\n',
        '\n',
        '\r',
        'SIP/2.0 ',
        'SIP/2.0 200',
        'BYE sip:x ',
        'BYE sip:x sip/2.0\r\n',
        'l: 3\r\n',
        'l: 900\n\n'
      ),
      fc.string({ unit: 'binary', maxLength: 10 })
    ),
    { maxLength: 12 }
  )

  it('the messages are the same, and no byte is lost', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat({ max: 400 }), { maxLength: 20 }), (texts, cuts) => {
        const stream = Buffer.from(texts.join(''), 'latin1')
        const at = [0, ...cuts.filter(cut => cut < stream.length).toSorted((a, b) => a - b), stream.length]
        const chunks = at.slice(1).map((end, i) => stream.subarray(at[i], end))
        const limits = { maxMessageBytes: 500, maxLookaheadBytes: 100 }
        const [once, cut] = [frame([stream], limits), frame(chunks, limits)]
        expect(cut.messages).toEqual(once.messages)
        expect(cut.notSip).toBe(once.notSip)
        const used = once.messages.join('').length + once.skipped + once.held
        expect(used).toBeLessThanOrEqual(stream.length)
        expect(once.messages.every(text => stream.includes(Buffer.from(text, 'latin1')))).toBe(true)
      }),
      { numRuns: 1000 }
    )
  })

  it('messages without garbage come out as they went in', () => {
    const texts = fc.array(
      fc.string({ maxLength: 40 }).map(body => message('m', body)),
      { minLength: 1, maxLength: 8 }
    )
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 200 }), (sent, size) => {
        const stream = Buffer.from(sent.join('\r\n'), 'latin1')
        const count = Math.ceil(stream.length / size)
        const chunks = Array.from({ length: count }, (_, i) => stream.subarray(i * size, (i + 1) * size))
        expect(frame(chunks)).toEqual({
          messages: sent.map(text => Buffer.from(text, 'latin1').toString('latin1')),
          skipped: 0,
          held: 0,
          notSip: false
        })
      })
    )
  })
})

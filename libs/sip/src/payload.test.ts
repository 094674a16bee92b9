import { describe, expect, it } from '@jest/globals'
import { findCallId, readSip } from './index.ts'
import { only, wire } from './messages.fixture.ts'

const ping = (callId: string, length: string, body: string): Buffer =>
  Buffer.from(`OPTIONS sip:x SIP/2.0\r\nCall-ID: ${callId}\r\nContent-Length: ${length}\r\n\r\n${body}`)

describe('a payload', () => {
  it('holds one message after another, with keep-alives between them', () => {
    const payload = Buffer.concat([
      Buffer.from('\r\n\r\n'),
      ping('a', '4', 'body'),
      Buffer.from('\r\n'),
      ping('b', '0', ''),
      ping('c', '2', 'xy')
    ])
    const { messages, rest } = readSip(payload)
    expect(messages.map(({ callId, body }) => [callId, body.toString()])).toEqual([
      ['a', 'body'],
      ['b', ''],
      ['c', 'xy']
    ])
    expect(Buffer.concat(messages.map(message => message.bytes)).length).toBe(payload.length - 6)
    expect(rest).toBeUndefined()
  })

  it.each(['', '-1', '1e1', '4 4', '99', '99999999999999999999999', 'x'])(
    'ends its body with the datagram when Content-Length is `%s`',
    length => {
      expect(only(ping('a', length, 'body')).body.toString()).toBe('body')
    }
  )

  it('ends its body with the datagram when Content-Length is missing', () => {
    expect(only(wire('OPTIONS sip:x SIP/2.0', '', 'body')).body.toString()).toBe('body\r\n\r\n')
  })

  it('ends its body with the datagram when two Content-Lengths disagree, not when they agree', () => {
    expect(only(ping('a', '2\r\nContent-Length: 3', 'body')).body.toString()).toBe('body')
    expect(only(ping('a', '4\r\nl: 04', 'body')).body.toString()).toBe('body')
    expect(readSip(ping('a', '2\r\nl: 02', 'body')).messages[0]!.body.toString()).toBe('bo')
  })

  it.each([
    { name: 'nothing', payload: '' },
    { name: 'a ping', payload: '\r\n\r\n' },
    { name: 'zeros', payload: '\0\0\0\0' },
    { name: 'line ends and zeros', payload: '\r\n\0 \t' }
  ])('of $name is a keep-alive', ({ payload }) => {
    expect(readSip(Buffer.from(payload))).toEqual({
      messages: [],
      rest: { kind: 'not-sip', code: 'keep-alive', offset: 0 }
    })
  })

  it('reports bytes after a message that begin no other, but not padding', () => {
    const message = ping('a', '0', '')
    expect(readSip(Buffer.concat([message, Buffer.from('\0\0 \r\n')])).rest).toBeUndefined()
    expect(readSip(Buffer.concat([message, Buffer.from('\r\ntail')])).rest).toEqual({
      kind: 'not-sip',
      code: 'trailing-bytes',
      offset: message.length + 2
    })
  })

  it('is not copied', () => {
    const payload = ping('a', '4', 'body')
    expect(only(payload).bytes).toBe(payload)
    expect(only(payload).body.buffer).toBe(payload.buffer)
  })
})

describe('findCallId', () => {
  it.each([
    { name: 'the value', headers: ['call-id : a@b '], callId: 'a@b' },
    { name: 'the compact form', headers: ['i:a'], callId: 'a' },
    { name: 'the first of two', headers: ['Call-ID: a', 'Call-ID: b'], callId: 'a' },
    { name: 'none in the body', headers: ['X: y', '', 'Call-ID: b'], callId: undefined },
    { name: 'none that is empty', headers: ['Call-ID:'], callId: undefined },
    { name: 'none without a header', headers: [], callId: undefined }
  ])('finds $name', ({ headers, callId }) => {
    expect(findCallId(wire('\r\nBYE sip:x SIP/2.0', ...headers))?.toString()).toBe(callId)
  })

  it('finds none in what is not SIP', () => {
    expect(findCallId(Buffer.from('GET / HTTP/1.1\r\nCall-ID: a\r\n\r\n'))).toBeUndefined()
  })
})

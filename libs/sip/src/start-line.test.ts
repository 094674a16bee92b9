import { describe, expect, it } from '@jest/globals'
import { looksLikeSip, readSip } from './index.ts'

const read = (line: string) => readSip(Buffer.from(`${line}\r\nCall-ID: c1\r\n\r\n`, 'latin1')).messages[0]

describe('a start line', () => {
  it.each([
    { name: 'as the grammar has it', line: 'INVITE sip:bob@example.org SIP/2.0' },
    { name: 'with two blanks between its parts (RFC 4475 lwsstart)', line: 'INVITE  sip:bob@example.org  SIP/2.0' },
    { name: 'with tabs between its parts', line: 'INVITE\tsip:bob@example.org\tSIP/2.0' },
    { name: 'with blanks at its end (RFC 4475 trws)', line: 'INVITE sip:bob@example.org SIP/2.0  ' },
    { name: 'with the version in lower case', line: 'INVITE sip:bob@example.org sip/2.0' },
    { name: 'after keep-alives', line: '\r\n\r\n\nINVITE sip:bob@example.org SIP/2.0' }
  ])('of a request is found $name', ({ line }) => {
    expect(read(line)).toMatchObject({
      isRequest: true,
      method: 'INVITE',
      requestUri: 'sip:bob@example.org',
      status: 0
    })
    expect(looksLikeSip(Buffer.from(line))).toBe(true)
  })

  it.each([
    { name: 'an unknown method', line: 'NEWMETHOD tel:+49 SIP/2.0', method: 'NEWMETHOD', requestUri: 'tel:+49' },
    { name: 'a method in another case', line: 'invite sip:x SIP/2.0', method: 'invite', requestUri: 'sip:x' },
    { name: 'a blank in the URI', line: 'BYE sip:a@b; lr SIP/2.0', method: 'BYE', requestUri: 'sip:a@b; lr' },
    { name: 'a version in the URI', line: 'BYE sip:a SIP/2.0 SIP/2.0', method: 'BYE', requestUri: 'sip:a SIP/2.0' },
    { name: 'every token character', line: "a-.!%*_+`'~9 x: SIP/2.0", method: "a-.!%*_+`'~9", requestUri: 'x:' }
  ])('keeps $name', ({ line, method, requestUri }) => {
    expect(read(line)).toMatchObject({ method, requestUri })
  })

  it.each([
    { name: 'as the grammar has it', line: 'SIP/2.0 183 Session Progress', status: 183 },
    { name: 'with an empty reason', line: 'SIP/2.0 183 ', status: 183 },
    { name: 'without the blank before an empty reason', line: 'SIP/2.0 183', status: 183 },
    { name: 'with two blanks', line: 'SIP/2.0  183  Progress', status: 183 },
    { name: 'in lower case', line: 'sip/2.0 200 ok', status: 200 },
    { name: 'with a reason that is not UTF-8 (RFC 4475 unreason)', line: 'SIP/2.0 200 \xff\xfe', status: 200 },
    { name: 'of an unknown class', line: 'SIP/2.0 799 x', status: 799 }
  ])('of a response is found $name', ({ line, status }) => {
    expect(read(line)).toMatchObject({ isRequest: false, status, method: '', requestUri: '' })
  })

  it.each([
    'GET / HTTP/1.1',
    'HTTP/1.1 200 OK',
    'OPTIONS rtsp://host/ RTSP/1.0',
    'OPTIONS sip:bob@example.org SIP/7.0',
    'INVITE sip:bob@example.org',
    'INVITE sip:bob@example.org SIP/2.0/UDP',
    'INVITE sip:bob@example.org xSIP/2.0',
    'INVITE bob SIP/2.0',
    'INVITE SIP/2.0',
    'INVITE  SIP/2.0',
    ' INVITE sip:bob@example.org SIP/2.0',
    'FOO(1) sip:bob@example.org SIP/2.0',
    'SIP/2.0 4294967301 better not break the receiver',
    'SIP/2.0 99 x',
    'SIP/2.0 099 x',
    'SIP/2.0 200OK',
    'SIP/2.0 20',
    'SIP/2.0200 OK',
    'SIP/2.0',
    'SIP',
    'v=0'
  ])('is not `%s`', line => {
    expect(looksLikeSip(Buffer.from(line))).toBe(false)
    expect(readSip(Buffer.from(`${line}\r\nCall-ID: c1\r\n\r\n`))).toEqual({
      messages: [],
      rest: { kind: 'not-sip', code: 'no-start-line', offset: 0 }
    })
  })

  it('is looked for at the offset given', () => {
    const bytes = Buffer.from('garbage SIP/2.0 200 OK\r\n')
    expect([looksLikeSip(bytes), looksLikeSip(bytes, 8), looksLikeSip(bytes, bytes.length)]).toEqual([
      false,
      true,
      false
    ])
  })
})

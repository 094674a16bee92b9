import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { originLine, parseDescription } from './index.ts'
import { only } from './messages.fixture.ts'

const sdp = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n'

const described = (contentType: string, body: string, lineEnd = '\r\n'): string | undefined =>
  only(
    Buffer.from(
      ['SIP/2.0 183 x', 'Call-ID: c', 'CSeq: 1 INVITE', `Content-Type: ${contentType}`, '', body].join(lineEnd)
    )
  ).description?.toString()

const multipart = (boundary: string, ...parts: readonly (readonly [type: string, content: string])[]): string =>
  parts.map(([type, content]) => `--${boundary}\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`).join('') +
  `--${boundary}--\r\n`

describe('the description', () => {
  it.each(['application/sdp', 'APPLICATION/SDP;charset=utf-8', 'application / sdp ; x=y', '\r\n application/sdp'])(
    'is the body of type `%s`',
    type => {
      expect(described(type, sdp)).toBe(sdp)
    }
  )

  it.each(['application/sdpx', 'application/isup', 'text/plain', 'application', 'sdp', '/', ''])(
    'is not a body of type `%s`',
    type => {
      expect(described(type, sdp)).toBeUndefined()
    }
  )

  it('is not an empty body', () => {
    expect(described('application/sdp', '')).toBeUndefined()
    expect(described('application/sdp', '\r\n \r\n')).toBeUndefined()
  })

  const isup = ['application/ISUP;version=itu-t92+;base=itu-t92+', '\x01\x10\r\n--\xff'] as const
  const part = ['application/sdp', sdp] as const

  it.each([
    {
      name: 'with a plain boundary',
      type: 'multipart/mixed;boundary=unique-1',
      body: multipart('unique-1', isup, part)
    },
    {
      name: 'with a quoted boundary',
      type: 'multipart/mixed; boundary="a b:(1)"',
      body: multipart('a b:(1)', part, isup)
    },
    {
      name: 'with a preamble',
      type: 'Multipart/Mixed;Boundary=b',
      body: `--bx\r\npreamble\r\n${multipart('b', part)}`
    },
    {
      name: 'with an epilogue',
      type: 'multipart/mixed;boundary=b',
      body: `${multipart('b', isup, part)}--b\r\nepilogue`
    },
    {
      name: 'with blanks after the boundary',
      type: 'multipart/mixed;boundary=b',
      body: multipart('b', part).replaceAll('--b\r', '--b \t\r')
    },
    {
      name: 'without the closing delimiter',
      type: 'multipart/mixed;boundary=b',
      body: multipart('b', isup, part).replace('\r\n--b--\r\n', '')
    },
    {
      name: 'nested, with an outer boundary that begins the inner one',
      type: 'multipart/mixed;boundary=b',
      body: multipart('b', isup, ['multipart/alternative;boundary=b1', multipart('b1', ['text/plain', 'x'], part)])
    }
  ])('is a part of a multipart body $name', ({ type, body }) => {
    expect(described(type, body)).toBe(sdp)
  })

  it('is a part of a multipart body with bare line feeds', () => {
    const body = multipart('b', isup, part).replaceAll('\r\n', '\n')
    expect(described('multipart/mixed;boundary=b', body, '\n')).toBe(sdp.replaceAll('\r\n', '\n'))
  })

  it.each([
    { name: 'no boundary parameter', type: 'multipart/mixed', body: multipart('b', part) },
    { name: 'another boundary', type: 'multipart/mixed;boundary=c', body: multipart('b', part) },
    { name: 'no SDP part', type: 'multipart/mixed;boundary=b', body: multipart('b', isup) },
    { name: 'an empty SDP part', type: 'multipart/mixed;boundary=b', body: multipart('b', ['application/sdp', '']) },
    { name: 'nothing but the end', type: 'multipart/mixed;boundary=b', body: '--b--' },
    { name: 'a delimiter inside a line', type: 'multipart/mixed;boundary=b', body: ` ${multipart('b', part)}` }
  ])('is missing from a multipart body with $name', ({ type, body }) => {
    expect(described(type, body)).toBeUndefined()
  })
})

describe('originLine', () => {
  it.each([
    { name: 'with CRLF', bytes: sdp, line: 'o=- 1 1 IN IP4 192.0.2.1' },
    { name: 'with bare line feeds', bytes: 'v=0\no=a b\nm=audio', line: 'o=a b' },
    { name: 'as the last line', bytes: 'v=0\r\no=a b', line: 'o=a b' },
    { name: 'after empty lines', bytes: '\r\n\nv=0\r\no=a b\r\n', line: 'o=a b' },
    { name: 'nowhere', bytes: 'v=0\r\ns=o=x\r\n', line: undefined },
    { name: 'not within a media description', bytes: 'v=0\r\nm=audio\r\no=x\r\n', line: undefined },
    { name: 'nowhere in nothing', bytes: '', line: undefined }
  ])('finds it $name', ({ bytes, line }) => {
    expect(originLine(Buffer.from(bytes))).toBe(line)
  })
})

describe('parseDescription', () => {
  it('reads what sdp-transform reads', () => {
    expect(parseDescription(Buffer.from(`${sdp}m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n`))).toMatchObject({
      origin: { address: '192.0.2.1' },
      media: [{ type: 'audio', port: 4000, direction: 'sendonly' }]
    })
  })

  it('refuses what has no version', () => {
    expect(parseDescription(Buffer.from('hello'))).toBeUndefined()
    expect(parseDescription(Buffer.alloc(0))).toBeUndefined()
  })

  it('never throws', () => {
    const line = fc.tuple(fc.stringMatching(/^[voscbtkmap]=$/), fc.string()).map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.array(line), fc.uint8Array(), (lines, tail) => {
        const bytes = Buffer.concat([Buffer.from(`v=0\r\n${lines.join('\n')}`), tail])
        expect(() => [parseDescription(bytes), originLine(bytes)]).not.toThrow()
      })
    )
  })
})

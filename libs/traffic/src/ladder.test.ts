import { describe, expect, it } from '@jest/globals'
import { readSip, type SipMessage } from '@earshot/sip'
import fc from 'fast-check'
import { readFileSync, readdirSync } from 'node:fs'
import { ladder, ladderParticipants, LadderError } from './index.ts'

const start = ladder('0 a>b OPTIONS')[0]!.capturedAt
const vectors = new URL('../testdata/vectors/', import.meta.url)

const parse = (text: string): SipMessage[] =>
  ladder(text).map(({ payload }) => {
    const { messages, rest } = readSip(payload)
    expect([messages.length, rest, messages[0]?.problem]).toEqual([1, undefined, undefined])
    expect(messages[0]!.header('Content-Length')).toBe(String(messages[0]!.body.length))
    return messages[0]!
  })

/** One line for each message: time, way, what, and everything that transactions and dialogs are made of. */
function summary(text: string): string[] {
  const names = new Map(ladderParticipants(text).map(({ name, endpoint }) => [endpoint.address, name]))
  const messages = parse(text)
  return ladder(text).map(({ capturedAt, agent, source, destination }, index) => {
    const sip = messages[index]!
    const ms = (capturedAt - start) / 1000
    const branch = sip.branch.replace(/^z9hG4bK-/, '')
    const words = [
      `${ms} ${names.get(source.address)}>${names.get(destination.address)} ${sip.isRequest ? sip.method : sip.status}`,
      `${sip.cseq} ${sip.cseqMethod}`,
      `${branch}/${sip.viaCount}`,
      `from=${sip.fromTag} to=${sip.toTag}`
    ]
    if (sip.description) words.push(/a=(send|recv|inact)\w+/.exec(sip.description.toString())![0].replace('a=', '+S '))
    if (sip.rseq !== undefined) words.push(`RSeq ${sip.rseq}${sip.requires('100rel') ? ' 100rel' : ''}`)
    if (sip.rack) words.push(`RAck ${sip.rack.rseq} ${sip.rack.cseq} ${sip.rack.method}`)
    if (sip.reasons.length) words.push(`Reason ${sip.reasons[0]!.protocol} ${sip.reasons[0]!.cause}`)
    return [...words, ...(agent === 'agent1' ? [] : [agent])].join(' | ')
  })
}

describe('a ladder', () => {
  it.each(readdirSync(vectors).filter(file => file.endsWith('.ladder')))(
    '%s becomes the messages of its golden file',
    file => {
      const golden = readFileSync(new URL(file.replace('.ladder', '.messages'), vectors), 'utf8')
      expect(summary(readFileSync(new URL(file, vectors), 'utf8'))).toEqual(golden.trimEnd().split('\n'))
    }
  )

  it('is the example of the README', () => {
    const example = readFileSync(new URL('../README.md', import.meta.url), 'utf8').split('```')[1]!
    expect(summary(example.replace(/^\w*\n/, ''))).toEqual([
      '0 a>b INVITE | 1 INVITE | 1-t1/1 | from=from-1 to= | +S sendrecv',
      '12 b>a 100 | 1 INVITE | 1-t1/1 | from=from-1 to=',
      '480 b>a 183 | 1 INVITE | 1-t1/1 | from=from-1 to=x | +S sendrecv | Reason q.850 34',
      '9000 a>b CANCEL | 1 CANCEL | 1-t1/1 | from=from-1 to=',
      '9004 b>a 200 | 1 CANCEL | 1-t1/1 | from=from-1 to=x',
      '9011 b>a 487 | 1 INVITE | 1-t1/1 | from=from-1 to=x',
      '9020 a>b ACK | 1 ACK | 1-t1/1 | from=from-1 to=x'
    ])
  })

  it.each([
    {
      name: 'the next request of a caller takes the next CSeq and a new branch',
      text: '0 a>b INVITE\n1 b>a 407\n2 a>b ACK\n3 a>b INVITE\n4 b>a 200',
      expected: ['1 INVITE 1-t1', '1 INVITE 1-t1', '1 ACK 1-t1', '2 INVITE 1-t2', '2 INVITE 1-t2']
    },
    {
      name: 'the ACK of a 2xx is a transaction of its own with the number of the INVITE',
      text: '0 a>b INVITE\n1 b>a 200\n2 a>b ACK',
      expected: ['1 INVITE 1-t1', '1 INVITE 1-t1', '1 ACK 1-t2']
    },
    {
      name: 'the two sides of a dialog count their requests apart',
      text: '0 a>b INVITE\n1 b>a 200\n2 a>b ACK\n3 b>a UPDATE\n4 a>b 200 UPDATE\n5 a>b BYE\n6 b>a 200 BYE',
      expected: [
        '1 INVITE 1-t1',
        '1 INVITE 1-t1',
        '1 ACK 1-t2',
        '1 UPDATE 1-t3',
        '1 UPDATE 1-t3',
        '2 BYE 1-t4',
        '2 BYE 1-t4'
      ]
    },
    {
      name: 'a name that is used again is a copy of the request',
      text: '0 a>b INVITE b1\n1 a>b INVITE b1 @agent2\n2 a>b INVITE b2 cseq=9',
      expected: ['1 INVITE 1-b1', '1 INVITE 1-b1', '9 INVITE 1-b2']
    }
  ])('$name', ({ text, expected }) => {
    const found = parse(text).map(sip => `${sip.cseq} ${sip.cseqMethod} ${sip.branch.replace('z9hG4bK-', '')}`)
    expect(found).toEqual(expected)
  })

  it('changes From and To for what the callee sends in the dialog', () => {
    const [, , update, reinvite] = parse('0 a>b INVITE\n1 b>a 200 tt=x\n2 b>a UPDATE\n3 b>a re-INVITE')
    expect([update!.fromTag, update!.toTag, reinvite!.fromTag, reinvite!.toTag]).toEqual(['x', 'from-1', 'x', 'from-1'])
  })

  it('forwards by a proxy with its Via on top, and keeps the dialog', () => {
    const text = 'p = 10.0.0.9:5060 ours\n0 a>p INVITE\n1 p>b INVITE\n2 b>p 501\n3 p>a 501'
    expect(summary(text)).toEqual([
      '0 a>p INVITE | 1 INVITE | 1-t1/1 | from=from-1 to=',
      '1 p>b INVITE | 1 INVITE | 1-t2/2 | from=from-1 to=',
      '2 b>p 501 | 1 INVITE | 1-t2/2 | from=from-1 to=to-b2',
      '3 p>a 501 | 1 INVITE | 1-t1/1 | from=from-1 to=to-b2'
    ])
  })

  it('gives copies in time, one to each agent named, and lets a late one arrive later', () => {
    const times = ladder('0 a>b INVITE x3/40 @one @two\n10 b>a 100\n5 a>b INVITE b1 call=2 late=20')
    expect(times.map(({ capturedAt, agent }) => `${(capturedAt - start) / 1000} ${agent}`)).toEqual([
      '0 one',
      '0 two',
      '10 agent1',
      '5 agent1',
      '40 one',
      '40 two',
      '80 one',
      '80 two'
    ])
    expect(times[0]!.payload.equals(times[7]!.payload)).toBe(true)
  })

  it('writes the description that +S(…) and the lines under it ask for', () => {
    const text = `0 a>b INVITE +S(sendonly,port=0,codecs=G729+DTMF,address=0.0.0.0,profile=RTP/SAVP,v=3)
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:key
        m=video 0 RTP/AVP 31`
    const body = parse(text)[0]!.description!.toString()
    expect(body.split('\r\n')).toEqual([
      'v=0',
      'o=- 1 3 IN IP4 10.0.0.1',
      's=-',
      'c=IN IP4 0.0.0.0',
      't=0 0',
      'm=audio 0 RTP/SAVP 18 101',
      'a=rtpmap:18 G729/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendonly',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:key',
      'm=video 0 RTP/AVP 31',
      ''
    ])
  })

  it('writes other media than audio, and the keys of SRTP', () => {
    const text =
      '0 a>b INVITE +S(kind=image)\n1 b>a 183 +S(key=crypto)\n2 a>b UPDATE +S(key=fingerprint)\n3 a>b UPDATE +S(key=mikey)'
    const bodies = parse(text).map(sip => sip.description!.toString())
    expect(bodies.map(body => body.match(/^m=\w+|^a=(crypto|fingerprint|key-mgmt)/gm))).toEqual([
      ['m=image'],
      ['m=audio', 'a=crypto'],
      ['m=audio', 'a=fingerprint'],
      ['m=audio', 'a=key-mgmt']
    ])
  })

  it('takes header lines in the place of its own, drops those with a minus, and a body as it stands', () => {
    const text = `0 a>b INVITE Allow: INVITE, ACK
        Content-Type: multipart/mixed;boundary=cut
        -Contact:
        | --cut
        | Content-Type: application/sdp
        |
        | v=0
        | --cut--`
    const [sip] = parse(text)
    expect([sip!.allow, sip!.header('Contact'), sip!.description?.toString().trim()]).toEqual([
      ['INVITE', 'ACK'],
      undefined,
      'v=0'
    ])
  })

  it('knows addresses, transports and whose they are', () => {
    const text = 'b = [2001:db8::7]:5061 tls\n0 a>b OPTIONS'
    expect(ladderParticipants(text).slice(0, 2)).toEqual([
      { name: 'a', endpoint: { address: '10.0.0.1', port: 5060 }, transport: 'udp', ours: true },
      { name: 'b', endpoint: { address: '2001:db8::7', port: 5061 }, transport: 'tls', ours: false }
    ])
    const { transport, destination, payload } = ladder(text)[0]!
    expect([transport, destination]).toEqual(['tls', { address: '2001:db8::7', port: 5061 }])
    expect(payload.toString().split('\r\n')[0]).toBe('OPTIONS sip:callee@[2001:db8::7]:5061 SIP/2.0')
  })

  it.each([
    { text: '0 a>b INVITE\n\nwhat is this', message: "line 3: 'what is this' is no message, such as: 480 b>a 183 +S" },
    { text: '0 a>z INVITE', message: "line 1: nobody is called 'z'; write: z = ADDRESS:PORT" },
    { text: '0 a>b invite', message: "line 1: 'invite' is neither a status nor a method" },
    { text: '# one\n0 a>b INVITE +T', message: "line 2: '+T' means nothing here" },
    { text: '0 a>b INVITE cseq=one', message: "line 1: 'cseq=one' needs a whole number" },
    { text: '0 a>b INVITE +S(key=none)', message: "line 1: 'key=none' is no option of +S(…)" },
    { text: '0 a>b INVITE +S(loud)', message: "line 1: 'loud' is no option of +S(…)" },
    { text: '0 a>b INVITE +S(codecs=MP3)', message: /^line 1: codec 'MP3' is none of: PCMU, / },
    { text: '0 a>b INVITE\n1 a>b PRACK', message: /^line 2: no response with rseq= and tag 'to-b' to PRACK/ },
    { text: 'Allow: INVITE', message: 'line 1: there is no message above that this could belong to' },
    { text: 'p = 10.0.0.1', message: "line 1: '10.0.0.1' is not an address with a port, such as 10.0.0.1:5060" },
    { text: 'p = 10.0.0.1:5060 sctp', message: "line 1: 'sctp' is none of: ours, udp, tcp, tls" }
  ])('refuses a mistake with its line: $message', ({ text, message }) => {
    expect(() => ladder(text)).toThrow(LadderError)
    expect(() => ladder(text)).toThrow(message)
  })

  it('always writes whole messages in the order of their time, whatever happens in it', () => {
    const message = fc.constantFrom('INVITE +S', 'INVITE b1', 're-INVITE', 'ACK', 'BYE', 'CANCEL', 'UPDATE tt=y', '100')
    const answer = fc.constantFrom('183 tt=x +S', '180', '200', '486', '200 BYE', '200 CANCEL', '501 UPDATE', 'OPTIONS')
    const way = fc.constantFrom('a>b', 'b>a', 'b>c', 'c>b', 'a>c')
    const line = fc.tuple(fc.nat(9999), way, fc.oneof(message, answer)).map(words => words.join(' '))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), lines => {
        const captured = ladder(lines.join('\n'))
        expect(captured.length).toBe(lines.length)
        expect(parse(lines.join('\n')).every(sip => sip.callId === 'call-1@ladder.example')).toBe(true)
        const times = captured.map(({ capturedAt }) => capturedAt)
        expect(times).toEqual([...times].sort((one, other) => one - other))
      })
    )
  })
})

import { describe, expect, it } from '@jest/globals'
import { invite, only, progress, wire } from './messages.fixture.ts'

describe('headers of a message', () => {
  const compact = only(
    wire(
      'INVITE sip:bob@example.org SIP/2.0',
      'v: SIP/2.0/UDP host.example;branch=z9hG4bK1',
      'f: <sip:alice@example.net>;tag=a',
      't: <sip:bob@example.org>;tag=b',
      'i: c1',
      'CSeq: 1 INVITE',
      'm: <sip:alice@host.example>',
      'k: 100rel',
      'x: 1800',
      'u: presence',
      'c: application/sdp',
      'l: 5',
      '',
      'v=0'
    )
  )

  it('are found in their compact forms', () => {
    expect(compact).toMatchObject({ callId: 'c1', fromTag: 'a', toTag: 'b', branch: 'z9hG4bK1', viaCount: 1 })
    expect(compact.supports('100rel')).toBe(true)
    expect(compact.description?.toString()).toBe('v=0\r\n')
    expect(['Contact', 'SESSION-EXPIRES', 'allow-events', 'X'].map(name => compact.header(name))).toEqual([
      '<sip:alice@host.example>',
      '1800',
      'presence',
      '1800'
    ])
  })

  it.each([
    { name: 'any case', header: 'sUbJeCt: lunch' },
    { name: 'blanks before the colon', header: 'Subject \t : lunch' },
    { name: 'blanks around the value', header: 'Subject:   lunch \t ' },
    { name: 'no blank', header: 'Subject:lunch' },
    { name: 'a value that begins on the next line', header: 'Subject:\r\n lunch' },
    { name: 'a carriage return too many', header: 'Subject: lunch\r' },
    { name: 'a line without a colon before it', header: 'nonsense\r\nSubject: lunch' }
  ])('are read with $name', ({ header }) => {
    expect(invite(header).header('subject')).toBe('lunch')
  })

  it('are unfolded to one space for each fold', () => {
    expect(invite('Subject: I know \r\n   you are\n\tthere').header('Subject')).toBe('I know you are there')
  })

  it('end at the blank line: one in the body is not found', () => {
    const message = only(wire('SIP/2.0 200 OK', 'CSeq: 1 INVITE', '', 'Call-ID: body', 'To: <sip:x>;tag=body'))
    expect(message).toMatchObject({ callId: '', toTag: '', problem: { code: 'missing-call-id' } })
    expect(message.header('Call-ID')).toBeUndefined()
  })

  it('may end with a bare line feed, and the message without a blank line', () => {
    expect(only(Buffer.from('SIP/2.0 200 OK\nCall-ID: c1\nCSeq: 1 INVITE\nTo: <sip:x>;tag=t'))).toMatchObject({
      callId: 'c1',
      toTag: 't',
      problem: undefined
    })
  })

  it('that occur twice: the first rules', () => {
    expect(invite('Call-ID: c2', 'CSeq: 2 INVITE', 'To: <sip:a>;tag=1', 'To: <sip:a>;tag=2')).toMatchObject({
      callId: 'c1',
      cseq: 1,
      toTag: '1'
    })
  })

  it('are split at commas only where the header is a list', () => {
    const message = invite(
      'Route: <sip:a;x="1,2",3>, "B, C" <sip:b>',
      'Route: <sip:c>',
      'Subject: one, two',
      'WWW-Authenticate: Digest realm="a", nonce="b"'
    )
    expect(message.headers('route')).toEqual(['<sip:a;x="1,2",3>', '"B, C" <sip:b>', '<sip:c>'])
    expect(message.headers('Subject')).toEqual(['one, two'])
    expect(message.headers('www-authenticate')).toHaveLength(1)
    expect(message.headers('X-Absent')).toEqual([])
  })

  it('keep octets apart that are not UTF-8 where they identify, and show UTF-8 where they are read', () => {
    const bytes = wire('SIP/2.0 200 OK', 'Call-ID: \xff\xc3', 'CSeq: 1 INVITE', 'Server: S\xc3\xbc\xff')
    expect(only(bytes)).toMatchObject({ callId: '\xff\xc3', agentName: 'Sü\ufffd' })
  })
})

describe('the tag', () => {
  it.each([
    { header: 'From: "a;tag=fake" <sip:x@y;tag=uri>;tag=real', tag: 'real' },
    { header: 'From: <sip:x@y>;TAG=real', tag: 'real' },
    { header: 'From: <sip:x@y> ; \t tag \t = real ;x=y', tag: 'real' },
    { header: 'From: sip:x@y;tag=real', tag: 'real' },
    { header: 'From: <sip:x@y>;x=";tag=fake";tag=real', tag: 'real' },
    { header: 'From: "\\";tag=fake" <sip:x@y>;tag=real', tag: 'real' },
    { header: 'From: "a\\\\" <sip:x@y>;tag=real', tag: 'real' },
    { header: 'From: "<sip:no>;tag=fake," <sip:x@y>;tag=real', tag: 'real' },
    { header: 'From: "never closed <sip:x@y>;tag=real', tag: 'real' },
    { header: 'From: <sip:x@y;tag=real', tag: 'real' },
    { header: 'From: Bell, Alexander <sip:x@y>;tag=real', tag: 'real' },
    { header: 'From: <sip:x@y>;;;stag=fake;tag2=fake;tag=real', tag: 'real' },
    { header: 'From: <sip:x@y>\r\n ;\r\n tag\r\n =\r\n real', tag: 'real' },
    { header: 'From: <sip:x@y>;tag=real;tag=second', tag: 'real' },
    { header: 'From: <sip:x@y;tag=uri>', tag: '' },
    { header: 'From: "a;tag=fake" <sip:x@y>', tag: '' },
    { header: 'From: <sip:x@y>;tag', tag: '' },
    { header: 'From: <sip:x@y>;tag=', tag: '' },
    { header: 'From: <sip:x@y>;tag=;x=y', tag: '' },
    { header: 'From:', tag: '' },
    { header: 'X: y', tag: '' }
  ])('of `$header` is `$tag`', ({ header, tag }) => {
    expect(invite(header).fromTag).toBe(tag)
    expect(invite(header.replace(/^From/, 'To')).toTag).toBe(tag)
  })
})

describe('the top Via', () => {
  it.each([
    { via: 'SIP/2.0/UDP host;branch=z9hG4bK1', sentBy: 'host:5060', branch: 'z9hG4bK1', count: 1 },
    {
      via: 'SIP/2.0/UDP HOST.Example:5080;Branch = z9hG4bKAb',
      sentBy: 'host.example:5080',
      branch: 'z9hG4bKAb',
      count: 1
    },
    { via: 'SIP / 2.0 / UDP  host : 5080 ; branch=x', sentBy: 'host:5080', branch: 'x', count: 1 },
    { via: 'SIP/2.0/TLS host', sentBy: 'host:5061', branch: '', count: 1 },
    { via: 'SIP/2.0/tls-sctp host', sentBy: 'host:5061', branch: '', count: 1 },
    { via: 'SIP/2.0/WSS df7jal23ls0d.invalid;branch=x', sentBy: 'df7jal23ls0d.invalid:5060', branch: 'x', count: 1 },
    { via: 'SIP/2.0/UDP [2001:DB8::1]:5070;branch=x', sentBy: '[2001:db8::1]:5070', branch: 'x', count: 1 },
    { via: 'SIP/2.0/UDP [2001:db8::1];received=[::1];branch=x', sentBy: '[2001:db8::1]:5060', branch: 'x', count: 1 },
    { via: 'SIP/2.0/UDP host:05060;branch=x', sentBy: 'host:5060', branch: 'x', count: 1 },
    { via: 'SIP/2.0/UDP a;branch=1,SIP/2.0/TCP b;branch=2', sentBy: 'a:5060', branch: '1', count: 2 },
    { via: 'SIP/2.0/UDP a;x="1,2";branch=1 , , SIP/2.0/TCP b', sentBy: 'a:5060', branch: '1', count: 2 },
    { via: '\r\nVia: ,\r\nVia: SIP/2.0/UDP a;branch=1', sentBy: 'a:5060', branch: '1', count: 1 },
    {
      via: 'SIP/2.0/UDP a;branch=1\r\nv: SIP/2.0/UDP b\r\nVIA: SIP/2.0/UDP c,\r\n SIP/2.0/UDP d',
      sentBy: 'a:5060',
      branch: '1',
      count: 4
    },
    { via: 'SIP/2.0/UDP ;branch=1', sentBy: '', branch: '1', count: 1 },
    { via: 'nonsense', sentBy: '', branch: '', count: 1 },
    { via: '', sentBy: '', branch: '', count: 0 }
  ])('of `$via` is sent by `$sentBy`', ({ via, sentBy, branch, count }) => {
    expect(invite(`Via: ${via}`)).toMatchObject({ sentBy, branch, viaCount: count })
  })

  it('is kept as written', () => {
    expect(invite('Via:  SIP / 2.0/UDP h ;rport , SIP/2.0/UDP g').topVia).toBe('SIP / 2.0/UDP h ;rport')
    expect(invite().topVia).toBe('')
  })
})

describe('CSeq', () => {
  const read = (...headers: readonly string[]) => {
    const { cseq, cseqMethod, problem } = only(wire('INVITE sip:x SIP/2.0', 'Call-ID: c1', ...headers))
    return { cseq, cseqMethod, problem: problem?.code }
  }

  it.each([
    { header: 'CSeq: 1 INVITE', cseq: 1, cseqMethod: 'INVITE', problem: undefined },
    { header: 'CSEQ :\t0009\r\n  INVITE', cseq: 9, cseqMethod: 'INVITE', problem: undefined },
    { header: 'CSeq: 0 INVITE', cseq: 0, cseqMethod: 'INVITE', problem: undefined },
    { header: 'CSeq: 2147483647 INVITE', cseq: 2147483647, cseqMethod: 'INVITE', problem: undefined },
    { header: 'CSeq: 2147483648 INVITE', cseq: -1, cseqMethod: 'INVITE', problem: 'bad-cseq' },
    { header: 'CSeq: 36893488147419103232 INVITE', cseq: -1, cseqMethod: 'INVITE', problem: 'bad-cseq' },
    { header: 'CSeq: -1 INVITE', cseq: -1, cseqMethod: '', problem: 'bad-cseq' },
    { header: 'CSeq: INVITE', cseq: -1, cseqMethod: '', problem: 'bad-cseq' },
    { header: 'CSeq: 1', cseq: 1, cseqMethod: '', problem: 'bad-cseq' },
    { header: 'CSeq: 1INVITE', cseq: -1, cseqMethod: '', problem: 'bad-cseq' },
    { header: 'CSeq:', cseq: -1, cseqMethod: '', problem: 'bad-cseq' },
    { header: 'X: y', cseq: -1, cseqMethod: '', problem: 'missing-cseq' },
    { header: 'CSeq: 1 OPTIONS', cseq: 1, cseqMethod: 'OPTIONS', problem: 'cseq-method-mismatch' },
    { header: 'CSeq: 1 invite', cseq: 1, cseqMethod: 'invite', problem: 'cseq-method-mismatch' }
  ])('reads `$header`', ({ header, ...expected }) => {
    expect(read(header)).toEqual(expected)
  })

  it('of a response names the method of the transaction', () => {
    expect(progress()).toMatchObject({ method: '', cseqMethod: 'INVITE', problem: undefined })
  })

  it('problems say where, counted from the start line', () => {
    const padding = '\r\n\r\n'
    const message = only(Buffer.concat([Buffer.from(padding), wire('BYE sip:x SIP/2.0', 'Call-ID: c', 'CSeq: x')]))
    expect(message.problem).toEqual({ code: 'bad-cseq', offset: 'BYE sip:x SIP/2.0\r\nCall-ID: c\r\nCSeq: '.length })
    expect(only(wire('BYE sip:x SIP/2.0')).problem).toEqual({ code: 'missing-call-id', offset: 21 })
  })
})

describe('who calls whom', () => {
  it.each([
    { from: '"A" <sip:alice@Example.NET:5070;user=phone>;tag=1', party: 'alice@example.net' },
    { from: 'sip:alice@example.net;tag=1', party: 'alice@example.net' },
    { from: '<sips:alice:secret@example.net?x=y>', party: 'alice@example.net' },
    { from: '< sip:alice@example.net >', party: 'alice@example.net' },
    { from: '<sip:example.net>', party: 'example.net' },
    { from: '<sip:alice@[2001:DB8::1]:5060>', party: 'alice@[2001:db8::1]' },
    { from: '<SIP:+4930;phone-context=x@example.net>', party: '+4930;phone-context=x@example.net' },
    { from: '<tel:+49-30-12;phone-context=x>;tag=1', party: '+49-30-12' },
    { from: 'tel:+4930;tag=1', party: '+4930' },
    { from: '"<sip:fake@x>" <sip:alice@example.net>', party: 'alice@example.net' },
    { from: '"Mr. J. User <sip:alice@example.net>', party: 'alice@example.net' },
    { from: '<http://www.example.com>', party: '' },
    { from: 'nobody', party: '' },
    { from: '<sip:>', party: '' }
  ])('`$from` is `$party`', ({ from, party }) => {
    expect(invite(`From: ${from}`).fromUri).toBe(party)
    expect(invite(`To: ${from}`).toUri).toBe(party)
  })
})

describe('extensions', () => {
  it('tells absent Allow from empty Allow', () => {
    expect(progress().allow).toBeUndefined()
    expect(progress('Allow:').allow).toEqual([])
    expect(progress('Allow: INVITE,ACK', 'ALLOW: x-New , BYE').allow).toEqual(['INVITE', 'ACK', 'x-New', 'BYE'])
  })

  it('finds option tags in any header of the name and in any case', () => {
    const message = progress('Require: timer', 'Require: precondition, 100REL', 'k: Replaces')
    expect(['100rel', 'timer', 'rel', '100rel,'].map(option => message.requires(option))).toEqual([
      true,
      true,
      false,
      false
    ])
    expect([message.supports('replaces'), message.supports('100rel')]).toEqual([true, false])
  })

  it.each([
    { header: 'RSeq: 988789', rseq: 988789 },
    { header: 'rseq:4294967295', rseq: 4294967295 },
    { header: 'RSeq: 4294967296', rseq: undefined },
    { header: 'RSeq: 0', rseq: undefined },
    { header: 'RSeq: x', rseq: undefined },
    { header: 'X: y', rseq: undefined }
  ])('reads `$header`', ({ header, rseq }) => {
    expect(progress(header).rseq).toBe(rseq)
  })

  it.each([
    { header: 'RAck: 776656 1 INVITE', rack: { rseq: 776656, cseq: 1, method: 'INVITE' } },
    { header: 'RAck:\r\n 7\r\n 1\r\n INVITE', rack: { rseq: 7, cseq: 1, method: 'INVITE' } },
    { header: 'RAck: 776656 INVITE', rack: undefined },
    { header: 'RAck: 776656 1', rack: undefined },
    { header: 'RAck: 776656', rack: undefined },
    { header: 'RAck: 0 1 INVITE', rack: undefined },
    { header: 'RAck:', rack: undefined }
  ])('reads `$header`', ({ header, rack }) => {
    expect(invite(header).rack).toEqual(rack)
  })

  it('reads every Reason', () => {
    const message = progress(
      'Reason: Q.850 ;cause=16 ;text="Terminated, \\"normally\\""',
      'Reason: SIP;Cause = 200;text=done, X;cause=1x, preemption'
    )
    expect(message.reasons).toEqual([
      { protocol: 'q.850', cause: 16, text: 'Terminated, "normally"' },
      { protocol: 'sip', cause: 200, text: 'done' },
      { protocol: 'x', cause: -1, text: '' },
      { protocol: 'preemption', cause: -1, text: '' }
    ])
    expect(progress().reasons).toEqual([])
  })

  it('joins P-Early-Media and tells absent from empty', () => {
    expect(progress().pEarlyMedia).toBeUndefined()
    expect(progress('P-Early-Media:').pEarlyMedia).toBe('')
    expect(progress('P-Early-Media: sendonly, gated', 'p-early-media: inactive').pEarlyMedia).toBe(
      'sendonly, gated, inactive'
    )
  })

  it('names the agent by the header of its role, or the other one', () => {
    expect(invite('User-Agent: SBC 1', 'Server: none').agentName).toBe('SBC 1')
    expect(progress('User-Agent: none', 'Server: GW 2').agentName).toBe('GW 2')
    expect(progress('User-Agent: PBX 3').agentName).toBe('PBX 3')
    expect(progress().agentName).toBe('')
  })

  it('has Retry-After as written', () => {
    expect(progress('Retry-After: 18000 (busy);duration=3600').retryAfter).toBe('18000 (busy);duration=3600')
    expect(progress().retryAfter).toBeUndefined()
  })
})

import { describe, expect, it } from '@jest/globals'
import { transactionKey } from './index.ts'
import { only, wire } from './messages.fixture.ts'

const via = 'Via: SIP/2.0/UDP A.example;branch=z9hG4bK1'
const request = (method: string, ...headers: readonly string[]) =>
  only(
    wire(`${method} sip:bob@example.org SIP/2.0`, 'Call-ID: c', `CSeq: 7 ${method}`, 'From: <sip:a>;tag=f', ...headers)
  )
const response = (status: number, method: string, ...headers: readonly string[]) =>
  only(wire(`SIP/2.0 ${status} x`, 'Call-ID: c', `CSeq: 7 ${method}`, 'From: <sip:a>;tag=f', ...headers))

describe('the key of a transaction', () => {
  const key = transactionKey(request('INVITE', via))

  it('is the same in the response, whose Via has grown and whose host is written otherwise', () => {
    const copied = 'Via: SIP/2.0/UDP a.example:5060;received=192.0.2.1;rport=5060;branch=z9hG4bK1'
    expect(transactionKey(response(183, 'INVITE', copied, 'To: <sip:b>;tag=t'))).toBe(key)
  })

  it('of an ACK for a non-2xx, and of a CANCEL, is the key of their INVITE by asking for it', () => {
    for (const method of ['ACK', 'CANCEL']) {
      expect(transactionKey(request(method, via, 'To: <sip:b>;tag=t'), 'INVITE')).toBe(key)
      expect(transactionKey(request(method, via))).not.toBe(key)
    }
    expect(transactionKey(response(200, 'CANCEL', via))).toBe(transactionKey(request('CANCEL', via)))
  })

  it.each([
    { name: 'branch', message: request('INVITE', 'Via: SIP/2.0/UDP A.example;branch=z9hG4bK2') },
    { name: 'case of the branch', message: request('INVITE', 'Via: SIP/2.0/UDP A.example;branch=Z9hG4bK1') },
    { name: 'sent-by', message: request('INVITE', 'Via: SIP/2.0/UDP A.example:5070;branch=z9hG4bK1') },
    { name: 'method', message: request('UPDATE', via) },
    { name: 'CSeq number', message: only(wire('INVITE sip:b SIP/2.0', 'Call-ID: c', 'CSeq: 8 INVITE', via)) },
    { name: 'Call-ID', message: only(wire('INVITE sip:b SIP/2.0', 'Call-ID: d', 'CSeq: 7 INVITE', via)) }
  ])('is another with another $name', ({ message }) => {
    expect(transactionKey(message)).not.toBe(key)
  })

  it('with the cookie in any case does not depend on the tags', () => {
    const other = 'Via: SIP/2.0/UDP A.example;branch=Z9HG4BK1'
    expect(transactionKey(request('INVITE', other))).toBe(
      transactionKey(response(200, 'INVITE', other, 'To: <b>;tag=t'))
    )
    expect(transactionKey(request('INVITE', other))).not.toContain('\nf\n')
  })
})

describe('the key of a transaction without the magic cookie', () => {
  it.each([
    {
      name: 'a legacy branch',
      via: 'Via: SIP/2.0/UDP a;branch=1',
      grown: 'Via: SIP/2.0/UDP a:5060;branch=1;received=1.2.3.4'
    },
    { name: 'no branch', via: 'Via: SIP/2.0/UDP a;rport', grown: 'Via: SIP/2.0/UDP a;rport=9;received=1.2.3.4' },
    { name: 'a bare cookie', via: 'Via: SIP/2.0/UDP a;branch=z9hG4bK', grown: 'Via: SIP/2.0/UDP a;branch=z9hG4bK' },
    { name: 'no Via', via: 'X: y', grown: 'X: y' }
  ])('is that of its responses and its ACK, with $name', ({ via: sent, grown }) => {
    const key = transactionKey(request('INVITE', sent, 'To: <sip:b>'))
    expect(transactionKey(response(180, 'INVITE', grown, 'To: <sip:b>;tag=1'))).toBe(key)
    expect(transactionKey(response(486, 'INVITE', grown, 'To: <sip:b>;tag=2'))).toBe(key)
    expect(transactionKey(request('ACK', sent, 'To: <sip:b>;tag=2'), 'INVITE')).toBe(key)
  })

  it('depends on the From tag, the method, the CSeq number, the Call-ID and the top Via', () => {
    const legacy = (callId: string, cseq: string, tag: string, host: string, branch: string) =>
      transactionKey(
        only(
          wire(
            'SIP/2.0 200 x',
            `Call-ID: ${callId}`,
            `CSeq: ${cseq}`,
            `From: <sip:a>;tag=${tag}`,
            `Via: SIP/2.0/UDP ${host};branch=${branch}`
          )
        )
      )
    const keys = [
      legacy('c', '7 INVITE', 'f', 'a', '1'),
      legacy('d', '7 INVITE', 'f', 'a', '1'),
      legacy('c', '8 INVITE', 'f', 'a', '1'),
      legacy('c', '7 BYE', 'f', 'a', '1'),
      legacy('c', '7 INVITE', 'g', 'a', '1'),
      legacy('c', '7 INVITE', 'f', 'b', '1'),
      legacy('c', '7 INVITE', 'f', 'a', '2')
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})

import { expect, it } from '@jest/globals'
import { originLine, readSip, transactionKey } from './index.ts'

it('does what the README shows', () => {
  const payload = Buffer.from(
    'SIP/2.0 183 Progress\r\nv: SIP/2.0/UDP Gw.example;branch=z9hG4bK7\r\ni: c1\r\nCSeq: 1 INVITE\r\n' +
      't: <sip:b>;tag=x\r\nc: application/sdp\r\nl: 10\r\n\r\nv=0\r\no=- 1OPTIONS sip:b SIP/2.0\r\n\r\n'
  )
  const { messages } = readSip(payload)
  const [progress, ping] = messages
  expect(transactionKey(progress!)).toBe('z9hG4bK7\ngw.example:5060\nINVITE\n1\nc1')
  expect([progress!.status, progress!.toTag, originLine(progress!.description!)]).toEqual([183, 'x', 'o=- 1'])
  expect([ping!.method, ping!.problem?.code]).toEqual(['OPTIONS', 'missing-call-id'])
})

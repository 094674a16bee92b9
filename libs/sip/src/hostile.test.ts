import { describe, expect, it } from '@jest/globals'
import { originLine, readSip, transactionKey } from './index.ts'

const size = 64 << 10

/** The largest datagram filled with something that makes a careless reader look at each octet again and again. */
const datagram = (head: string, filling: string, times = Math.floor(size / filling.length)): Buffer =>
  Buffer.from(`SIP/2.0 183 x\r\nCSeq: 1 INVITE\r\n${head}${filling.repeat(times)}`, 'latin1')

describe('the cost of a datagram is bounded by its size', () => {
  it.each([
    { name: 'quotes that never close', payload: datagram('From: ', '\\"') },
    { name: 'brackets that never close', payload: datagram('From: ', '<;') },
    { name: 'commas behind an open quote', payload: datagram('Via: "', ',') },
    { name: 'Via headers that open brackets', payload: datagram('', 'v:<,\n') },
    { name: 'Allow headers that open brackets', payload: datagram('', 'Allow: <\n') },
    { name: 'parameters without name', payload: datagram('To: x', ';') },
    { name: 'spaces', payload: datagram('To: ', ' ;') },
    { name: 'folds', payload: datagram('To: x', '\n ') },
    { name: 'a fold and spaces', payload: datagram('Subject: x\r\n ', ' ') },
    { name: 'carriage returns', payload: datagram('', '\r') },
    { name: 'empty header names', payload: datagram('', ':\n') },
    { name: 'digits', payload: datagram('Content-Length: ', '9') },
    { name: 'messages without headers', payload: datagram('l:0\n\n', 'A x: SIP/2.0\nl:0\n\n') },
    { name: 'delimiters', payload: datagram('c: multipart/a;boundary=b\n\n', '--b\n') },
    {
      name: 'nested multiparts',
      payload: datagram('c: multipart/a;boundary=b\n\n', '--b\nc:multipart/a;boundary=b\n\n')
    },
    {
      name: 'a boundary as long as the body',
      payload: datagram(`c: multipart/a;boundary=${'b'.repeat(30_000)}\n\n`, `--${'b'.repeat(1000)}\n`, 30)
    }
  ])('$name', ({ payload }) => {
    const before = process.cpuUsage()
    for (const message of readSip(payload).messages) {
      transactionKey(message)
      void [message.toTag, message.fromUri, message.toUri, message.allow, message.reasons, message.topVia]
      void [message.header('Subject'), message.headers('Via'), message.description && originLine(message.description)]
    }
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(300_000)
  })
})

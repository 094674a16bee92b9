import { describe, expect, it } from '@jest/globals'
import { encodeHep } from '@earshot/hep'
import { epochMicros } from '@earshot/units'
import { TcpContent } from './tcp-content.ts'
import { hex, join, options } from './testing/frames.ts'

const now = epochMicros(1_700_000_000_000_000)
const message = options()

function content() {
  const found: string[] = []
  const tcp = new TcpContent({
    sip: (transport, bytes) => found.push(`${transport} ${bytes.length}`),
    hep: bytes => found.push(`hep ${bytes.length}`),
    gap: () => found.push('gap')
  })
  return { tcp, found }
}

const hepFrame = encodeHep({
  capturedAt: now,
  captureId: 7,
  protocol: 1,
  transport: 'udp',
  source: { address: '192.0.2.1', port: 5060 },
  destination: { address: '192.0.2.2', port: 5060 },
  payload: message
})

const upgrade = Buffer.from(
  'GET / HTTP/1.1\r\nHost: ws.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n\r\n'
)
const switching = Buffer.from(
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n'
)

function webSocketFrame(first: number, payload: Buffer, mask?: Buffer): Buffer {
  const length = join(Buffer.from([(mask ? 0x80 : 0) | 126]), payload.length.toString(16).padStart(4, '0'))
  const body = mask ? payload.map((byte, index) => byte ^ mask[index % 4]!) : payload
  return join(Buffer.from([first]), length, mask ?? '', Buffer.from(body))
}

const mask = hex('1a2b3c4d')
const sip = `tcp ${message.length}`
const ws = `ws ${message.length}`
const hep = `hep ${hepFrame.length}`

describe('one direction of a TCP connection', () => {
  it.each([
    { name: 'SIP', bytes: join(message, message), found: [sip, sip] },
    { name: 'SIP behind keep-alives', bytes: join('0d0a0d0a', message), found: [sip] },
    { name: 'HEPv3', bytes: join(hepFrame, hepFrame), found: [hep, hep] },
    { name: 'SIP that speaks of HEP3', bytes: options('HEP3@a'), found: [`tcp ${options('HEP3@a').length}`] },
    { name: 'a WebSocket client', bytes: join(upgrade, webSocketFrame(0x81, message, mask)), found: [ws] },
    { name: 'a WebSocket server', bytes: join(switching, webSocketFrame(0x82, message)), found: [ws] },
    {
      name: 'a WebSocket message in two frames with a ping between them',
      bytes: join(
        switching,
        webSocketFrame(0x01, message.subarray(0, 9)),
        webSocketFrame(0x89, Buffer.alloc(3)),
        webSocketFrame(0x80, message.subarray(9))
      ),
      found: [ws]
    },
    {
      name: 'a WebSocket for something else',
      bytes: join(switching, webSocketFrame(0x81, Buffer.from('{}'))),
      found: []
    }
  ])('carries $name, cut anywhere', ({ bytes, found }) => {
    for (let size = 1; size < bytes.length; size = Math.ceil(size * 1.3)) {
      const one = content()
      one.tcp.open()
      for (let at = 0; at < bytes.length; at += size) one.tcp.push(bytes.subarray(at, at + size), now)
      expect(one.found).toEqual(found)
    }
  })

  it.each([
    { name: 'TLS', bytes: hex('16030100c8010000c4') },
    { name: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n') },
    { name: 'a WebSocket without SIP', bytes: Buffer.from('GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n') },
    { name: 'a WebSocket with compression', bytes: join(switching, hex('c104aabbccdd')) },
    { name: 'a WebSocket frame without end', bytes: join(switching, hex('817f7fffffffffffffff')) },
    { name: 'an HTTP header without end', bytes: Buffer.concat([Buffer.from('GET /'), Buffer.alloc(17_000, 0x61)]) },
    { name: '64 KiB of text', bytes: Buffer.alloc(70_000, 'SMTP\r\n') },
    { name: '64 KiB of broken HEP', bytes: Buffer.alloc(70_000, 'HEP3\0\0') }
  ])('is given up when it carries $name', ({ bytes }) => {
    const { tcp, found } = content()
    tcp.open()
    for (let at = 0; at < bytes.length; at += 1400) tcp.push(bytes.subarray(at, at + 1400), now)
    expect(tcp.isGivenUp).toBe(true)
    expect(found).toEqual([])
    tcp.open()
    expect(tcp.isGivenUp).toBe(false)
  })

  it('is taken up in the middle of a HEP frame, and after a gap in it', () => {
    const { tcp, found } = content()
    tcp.push(join(hepFrame.subarray(90), hepFrame), now)
    tcp.gap()
    tcp.push(join(hepFrame.subarray(30), hepFrame), now)
    expect(found).toEqual([hep, 'gap', hep])
  })
})

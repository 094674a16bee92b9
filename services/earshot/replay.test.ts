import { createServer } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { decodeHep, type HepFields } from '@earshot/hep'
import { ladder } from '@earshot/traffic'
import { epochMicros, type Captured } from '@earshot/units'
import { captureWriter } from './captures.fixture.ts'
import { frameOf, openSender, replay, type Sender } from './replay.ts'

const start = epochMicros(1_767_225_600e6)
const capture = captureWriter()
const call = ladder('0 a>b INVITE +S\n200 b>a 180 tt=x\n400 b>a 200\n400 a>b ACK', { start })

const years = ladder('0 a>b INVITE +S\n31536000s b>a 200\n31536001s a>b ACK', { start })

/** Notes what is sent, and when. */
class RecordingSender implements Sender {
  readonly frames: Buffer[] = []
  readonly afterMs: number[] = []
  readonly #begun = performance.now()

  async send(frame: Buffer): Promise<void> {
    this.frames.push(frame)
    this.afterMs.push(performance.now() - this.#begun)
  }

  async end(): Promise<void> {}
}

function fieldsOf(frame: Buffer): HepFields {
  const packet = decodeHep(frame)
  if (packet.kind === 'error') throw new Error(packet.code)
  return packet.fields()
}

describe('replay', () => {
  it('sends what was captured, with its time and addresses', async () => {
    const sender = new RecordingSender()
    expect(await replay(capture('call.pcap', call), sender, Infinity)).toBe(4)
    expect(sender.frames.map(fieldsOf)).toMatchObject(
      call.map(({ capturedAt, transport, source, destination, payload }) => ({
        capturedAt,
        transport,
        source,
        destination,
        payload,
        protocol: 1
      }))
    )
  })

  it('goes at the pace of the capture times the speed', async () => {
    const sender = new RecordingSender()
    await replay(capture('paced.pcap', call), sender, 4)
    const due = [0, 50, 100, 100]
    expect(sender.afterMs.length).toBe(due.length)
    // Timers may end a millisecond early; how late they end is the machine's affair.
    sender.afterMs.forEach((ms, index) => expect(ms).toBeGreaterThanOrEqual(due[index]! - 2))
  })

  it.each([0, Infinity])('does not wait at all at speed %d', async speed => {
    expect(await replay(capture('years.pcap', years), new RecordingSender(), speed)).toBe(3)
  })

  it('waits also longer than a timer can', async () => {
    const stopping = new AbortController()
    const sender = new RecordingSender()
    const replaying = replay(capture('years.pcap', years), sender, 1, stopping.signal)
    setTimeout(() => stopping.abort(), 50)
    await expect(replaying).rejects.toThrow('abort')
    expect(sender.frames.length).toBe(1)
  })

  it('ends when it is told to, also while it waits', async () => {
    const stopping = new AbortController()
    const sender = new RecordingSender()
    const replaying = replay(capture('stopped.pcap', call), sender, 1e-6, stopping.signal)
    sender.send = async () => stopping.abort()
    await expect(replaying).rejects.toThrow('abort')
  })
})

describe('a frame of a captured packet', () => {
  it.each([
    { name: 'a number, which is a capture id', agent: '2001', expected: { captureId: 2001, node: undefined } },
    { name: 'a name, which is a node', agent: 'sbc-1', expected: { captureId: 0, node: 'sbc-1' } },
    { name: 'none', agent: '', expected: { captureId: 0, node: '' } },
    { name: 'more than 32 bits', agent: '4294967296', expected: { captureId: 0, node: '4294967296' } },
    { name: 'below 0', agent: '-1', expected: { captureId: 0, node: '-1' } },
    { name: 'a fraction', agent: '1.5', expected: { captureId: 0, node: '1.5' } }
  ])('keeps its agent: $name', ({ agent, expected }) => {
    expect(fieldsOf(frameOf({ ...call[0]!, agent })!)).toMatchObject(expected)
  })

  it('is none where no frame can hold the payload', () => {
    const huge: Captured = { ...call[0]!, payload: Buffer.alloc(65_535) }
    expect(frameOf(huge)).toBeUndefined()
  })
})

describe('a sender over TCP', () => {
  it('hands over everything, in order, before its end', async () => {
    const received: Buffer[] = []
    const server = createServer(socket => socket.on('data', bytes => received.push(bytes))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const sender = await openSender({ host: '127.0.0.1', port, transport: 'tcp' })
    const frames = Array.from({ length: 3000 }, (_, index) => Buffer.alloc(1000, index % 251))
    for (const frame of frames) await sender.send(frame)
    await sender.end()
    server.close()
    await once(server, 'close')
    expect(Buffer.concat(received).equals(Buffer.concat(frames))).toBe(true)
  })

  it('says that nobody listens', async () => {
    await expect(openSender({ host: '127.0.0.1', port: 1, transport: 'tcp' })).rejects.toThrow(
      'nothing takes HEP at tcp 127.0.0.1:1'
    )
  })

  it('fails when the other side goes away, rather than count what nobody has', async () => {
    const server = createServer(socket => socket.once('data', () => socket.resetAndDestroy())).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const sender = await openSender({ host: '127.0.0.1', port, transport: 'tcp' })
    const sending = async (): Promise<void> => {
      for (let index = 0; index < 3000; index++) await sender.send(Buffer.alloc(60_000))
      await sender.end()
    }
    await expect(sending()).rejects.toThrow(/^the connection to tcp 127.0.0.1:\d+ broke: .*(ECONNRESET|EPIPE)/)
    server.close()
  })

  it('waits for room without a listener for each wait', async () => {
    const warnings: string[] = []
    const note = ({ name }: Error): void => void warnings.push(name)
    process.on('warning', note)
    const server = createServer(socket => socket.resume()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const sender = await openSender({ host: '127.0.0.1', port, transport: 'tcp' })
    for (let index = 0; index < 100; index++) await sender.send(Buffer.alloc(60_000))
    await Promise.all(Array.from({ length: 100 }, () => sender.send(Buffer.alloc(60_000))))
    await sender.end()
    server.close()
    await once(server, 'close')
    process.off('warning', note)
    expect(warnings).toEqual([])
  })
})

describe('a sender over UDP', () => {
  it('says that nobody listens', async () => {
    const sender = await openSender({ host: '127.0.0.1', port: 1, transport: 'udp' })
    const sending = async (): Promise<void> => {
      for (;;) await sender.send(Buffer.alloc(100))
    }
    await expect(sending()).rejects.toThrow('nothing takes HEP at udp 127.0.0.1:1')
  })

  it('says that there is no such host', async () => {
    await expect(openSender({ host: 'nowhere.invalid', port: 1, transport: 'udp' })).rejects.toThrow(
      'nothing takes HEP at udp nowhere.invalid:1'
    )
  })
})

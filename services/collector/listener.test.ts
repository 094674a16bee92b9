import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { BlockList, connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import { encodeHep } from '@earshot/hep'
import { Metrics } from '@earshot/telemetry'
import { ladder } from '@earshot/traffic'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import { Access, everybody } from './access.ts'
import { Agents } from './agents.ts'
import { Intake } from './intake.ts'
import { Packer } from './packer.ts'
import { RecordingLog } from './recording-log.fixture.ts'
import { StreamListener } from './stream-listener.ts'
import { UdpListener } from './udp-listener.ts'

const noon = epochMicros(1_767_225_600e6)
const [invite] = ladder('0 a>b INVITE +S', { start: noon })
const frame = (capturedAt: EpochMicros): Buffer =>
  encodeHep({ ...invite!, capturedAt, captureId: 1, node: undefined, protocol: 1 })
const frames = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => frame(plus(noon, seconds(index / 1e3))))

class TestListeners {
  readonly log: RecordingLog
  readonly metrics = new Metrics({ version: 'test' })
  readonly packer: Packer
  readonly intake: Intake
  readonly access = new Access()
  readonly tcp: StreamListener
  readonly udp: UdpListener

  constructor(answers: Promise<void>[] = [], whyFull: () => 'overload' | 'spool-full' = () => 'overload') {
    this.log = new RecordingLog({ answers })
    this.packer = new Packer(this.log, { collector: 'c', run: 'r' }, error => expect(error).toBeUndefined())
    const { access, packer, metrics } = this
    const agents = new Agents({ trusting: true })
    this.intake = new Intake({ agents, access, packer, metrics, now: () => plus(noon, seconds(60)) })
    const shared = { host: '127.0.0.1', port: 0, intake: this.intake, packer, access }
    this.tcp = new StreamListener({ ...shared, most: { ofAddress: 3 } })
    this.udp = new UdpListener({ ...shared, receiveBufferBytes: 1 << 20, whyFull })
  }

  async start(): Promise<this> {
    for (const part of [this.packer, this.tcp, this.udp]) await part.start()
    return this
  }

  async stop(): Promise<void> {
    for (const part of [this.udp, this.tcp, this.packer]) await part.stop()
  }

  async client(): Promise<Socket> {
    const client = connect({ port: this.tcp.port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined)
    await once(client, 'connect')
    return client
  }

  async sendUdp(datagrams: readonly Buffer[]): Promise<void> {
    const socket = createSocket('udp4')
    for (const datagram of datagrams)
      await new Promise(resolve => socket.send(datagram, this.udp.port, '127.0.0.1', resolve))
    socket.close()
  }

  /** Turns of the event loop until it is so. */
  async until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + 4000
    while (!isSo() && performance.now() < deadline) await setImmediate()
    expect(isSo()).toBe(true)
  }
}

describe('listeners', () => {
  let running: TestListeners
  afterEach(() => running.stop())

  it('take only so many connections of one address, and another one when one of these has ended', async () => {
    running = await new TestListeners().start()
    const { tcp, intake } = running
    const clients = [await running.client(), await running.client(), await running.client()]
    await running.until(() => tcp.connections === 3)
    const refused = (await running.client()).resume()
    await once(refused, 'end')
    refused.destroy()
    expect([tcp.connections, intake.drops.get('too-many-connections')]).toEqual([3, 1])
    clients[0]!.destroy()
    await running.until(() => tcp.connections === 2)
    clients.push(await running.client())
    await running.until(() => tcp.connections === 3)
    expect(intake.drops.get('too-many-connections')).toBe(1)
    for (const client of clients) client.destroy()
  })

  it('read what has come before they stop, and are not held up by a sender that goes on', async () => {
    running = await new TestListeners().start()
    const client = await running.client()
    const sent = Buffer.concat(frames(2000))
    client.write(sent)
    const timer = setInterval(() => client.write(frame(noon)), 10)
    await running.sendUdp(frames(100))
    const began = performance.now()
    await running.stop()
    clearInterval(timer)
    client.destroy()
    expect(performance.now() - began).toBeLessThan(4000)
    expect(running.log.frames().length).toBeGreaterThanOrEqual(2100)
  })

  it('end a connection from their side first: an agent that then ends loses nothing', async () => {
    running = await new TestListeners().start()
    const client = await running.client()
    client.write(frame(noon))
    await running.until(() => running.intake.packed === 1)
    client.once('end', () => client.end(Buffer.concat(frames(500)))).resume()
    await running.stop()
    expect(running.intake.packed).toBe(501)
  })

  it('read what a connection has that waits for the log', async () => {
    const answer = Promise.withResolvers<void>()
    running = await new TestListeners(Array.from({ length: 12 }, () => answer.promise)).start()
    const client = await running.client()
    const count = Math.ceil((2 << 20) / frame(noon).length)
    client.write(Buffer.concat(frames(count)))
    await running.until(() => running.packer.isFull)
    expect(running.tcp.unreadAfter()).toBeDefined()
    const stopping = running.stop()
    setTimeout(() => answer.resolve(), 200)
    await stopping
    expect(running.log.frames().length).toBe(count)
  })

  it('know how far a socket was read that may have more', async () => {
    running = await new TestListeners().start()
    const client = await running.client()
    expect(running.tcp.unreadAfter()).toBeUndefined()
    client.write(frame(noon))
    await running.until(() => running.intake.packed === 1)
    expect(running.tcp.unreadAfter()).toBeUndefined()
    client.write(Buffer.concat(frames(2000)))
    await running.until(() => running.intake.packed === 2001)
    expect(running.tcp.unreadAfter()).toBe(plus(noon, seconds(1.999)))
    expect(running.tcp.unreadAfter()).toBeUndefined()
    client.destroy()
  })

  it('count each frame once: received is packed and dropped', async () => {
    running = await new TestListeners().start()
    const client = await running.client()
    const junk = Buffer.from('GET / HTTP/1.1\r\n\r\n')
    client.end(Buffer.concat([frame(noon), junk, ...frames(10), junk, frame(noon)]))
    await running.sendUdp([...frames(5), junk, Buffer.alloc(0), frame(noon).subarray(0, 40)])
    await running.until(() => running.intake.packed === 17 && drops() === 5)
    const text = await running.metrics.prometheusText()
    const received = [...text.matchAll(/^earshot_packets_total\{.*\} (\d+)$/gm)].map(([, count]) => Number(count))
    expect(received.reduce((sum, count) => sum + count, 0)).toBe(22)
    expect(text).toContain('earshot_packets_total{transport="tcp",version="unknown"} 2')

    function drops(): number {
      return [...running.intake.drops.values()].reduce((sum, count) => sum + count, 0)
    }
  })

  it.each(['overload', 'spool-full'] as const)(
    'drop and count datagrams that the log cannot take (%s)',
    async reason => {
      const answer = Promise.withResolvers<void>()
      const answers = Array.from({ length: 12 }, () => answer.promise)
      running = await new TestListeners(answers, () => reason).start()
      for (const each of frames(12)) {
        running.intake.take(each, 'udp', running.access.source('127.0.0.1'))
        running.packer.cut()
      }
      await running.sendUdp(frames(3))
      await running.until(() => running.intake.drops.get(reason) === 3)
      answer.resolve()
      expect(running.intake.packed).toBe(12)
    }
  )

  it('take nothing from those who may not send', async () => {
    running = await new TestListeners().start()
    const allow = new BlockList()
    allow.addAddress('192.0.2.1')
    const client = await running.client()
    client.write(frame(noon))
    await running.until(() => running.intake.packed === 1)
    running.access.use({ ...everybody, allow })
    running.tcp.recheck()
    await once(client.resume(), 'end')
    client.destroy()
    const another = await running.client()
    await once(another.resume(), 'end')
    another.destroy()
    await running.sendUdp(frames(3))
    await running.until(() => running.intake.drops.get('not-allowed') === 3)
    expect(running.intake.drops.get('connection-not-allowed')).toBe(2)
    expect(running.intake.packed).toBe(1)
  })

  it('count a connection that breaks', async () => {
    running = await new TestListeners().start()
    const client = await running.client()
    client.write(frame(noon))
    await running.until(() => running.intake.packed === 1)
    client.resetAndDestroy()
    await running.until(() => running.intake.drops.get('connection-error') === 1)
  })
})

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import { encodeHep } from '@earshot/hep'
import { Config } from '@earshot/runtime'
import { Metrics } from '@earshot/telemetry'
import { ladder } from '@earshot/traffic'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import { Agents } from './agents.ts'
import { Intake } from './intake.ts'
import { TcpListener, UdpListener } from './listener.ts'
import { Packer } from './packer.ts'
import { RecordingLog } from './recording-log.fixture.ts'

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
  readonly tcp: TcpListener
  readonly udp: UdpListener

  constructor(answers: Promise<void>[] = []) {
    this.log = new RecordingLog({ answers })
    this.packer = new Packer(this.log, { collector: 'c', run: 'r' }, error => expect(error).toBeUndefined())
    this.intake = new Intake(new Agents({ trusting: true }), this.packer, this.metrics, () => noon)
    const { hep } = Config.parse({ hep: { host: '127.0.0.1', udpPort: 0, tcpPort: 0 } })
    this.tcp = new TcpListener(hep, this.intake, this.packer, this.metrics)
    this.udp = new UdpListener(hep, this.intake, this.packer)
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
    while (!isSo()) await setImmediate()
  }
}

describe('listeners', () => {
  let running: TestListeners
  afterEach(() => running.stop())

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

  it('drop and count datagrams that the log cannot take', async () => {
    const answer = Promise.withResolvers<void>()
    running = await new TestListeners(Array.from({ length: 12 }, () => answer.promise)).start()
    for (const each of frames(12)) {
      running.intake.take(each, 'udp')
      running.packer.cut()
    }
    await running.sendUdp(frames(3))
    await running.until(() => running.intake.drops.get('overload') === 3)
    answer.resolve()
    expect(running.intake.packed).toBe(12)
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

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from '@jest/globals'
import { AppendError, LocalLog, RecordRefused, type NewRecord } from '@earshot/bus'
import { encodeHep } from '@earshot/hep'
import { Config, ConfigError, createLogger } from '@earshot/runtime'
import { Metrics } from '@earshot/telemetry'
import { ladder } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { readAgents, type AgentsRecord } from '../agents-record.ts'
import { framesOf, topics } from '../pipeline.ts'
import { collector, type Collector } from './collector.ts'

const folder = mkdtempSync(join(tmpdir(), 'earshot-collector-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [invite] = ladder('0 a>b INVITE +S', { start: epochMicros(Date.now() * 1e3) })
const frame = (captureId: number, key?: string): Buffer =>
  encodeHep({ ...invite!, captureId, protocol: 1, ...(key !== undefined && { authKey: Buffer.from(key) }) })

/** A log that can be taken away. */
class LeavingLog extends LocalLog {
  away = false
  refuses = (_record: NewRecord): boolean => false

  override partitions(topic: string): Promise<number> {
    if (this.away) return Promise.reject(Object.assign(new Error('no broker'), { passing: true }))
    return super.partitions(topic)
  }

  override append(topic: string, records: readonly NewRecord[]): Promise<void> {
    if (this.away) return Promise.reject(new AppendError(topic, records, new Error('no broker')))
    if (records.some(this.refuses)) return Promise.reject(new AppendError(topic, records, new RecordRefused('no')))
    return super.append(topic, records)
  }
}

class TestCollector {
  readonly log = new LeavingLog({
    topics: { [topics.packets]: 3, [topics.agents]: 1, [topics.deadLetters]: 1 }
  })
  readonly metrics = new Metrics({ version: 'test' })
  readonly failures: Error[] = []
  readonly collecting: Collector

  constructor(hep: object, { remote = false, dataDir = join(folder, 'none') } = {}) {
    const ports = { host: '127.0.0.1', udpPort: 0, tcpPort: 0, collectorName: 'edge' }
    this.collecting = collector({
      config: Config.parse({ hep: { ...ports, ...hep }, dataDir }),
      log: this.log,
      remote,
      metrics: this.metrics,
      logger: createLogger({ level: 'silent' }),
      onFailure: error => this.failures.push(error)
    })
  }

  async start(): Promise<this> {
    await this.log.start()
    await this.collecting.start()
    return this
  }

  /** Stops, and says which frames are in the log. */
  async stop(): Promise<Buffer[]> {
    await this.collecting.stop()
    const frames = await this.frames()
    await this.log.stop()
    expect(this.failures).toEqual([])
    return frames
  }

  async frames(): Promise<Buffer[]> {
    const frames: Buffer[] = []
    for (const partition of [0, 1, 2]) {
      for await (const { headers, value } of this.log.read(topics.packets, partition, 0)) {
        if (headers.kind === 'packets') frames.push(...framesOf(value))
      }
    }
    return frames
  }

  async client(): Promise<Socket> {
    const client = connect({ port: this.collecting.ports.tcp, host: '127.0.0.1' }).on('error', () => undefined)
    await once(client, 'connect')
    return client.resume()
  }

  async sendUdp(...datagrams: readonly Buffer[]): Promise<void> {
    const socket = createSocket('udp4')
    for (const datagram of datagrams) {
      await new Promise(resolve => socket.send(datagram, this.collecting.ports.udp, '127.0.0.1', resolve))
    }
    socket.close()
  }

  async metric(name: string): Promise<number> {
    const line = (await this.metrics.prometheusText()).split('\n').find(each => each.startsWith(`${name} `))
    return Number(line?.split(' ').at(-1))
  }

  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 8000
    while (!(await isSo()) && performance.now() < deadline) await sleep(5)
    expect(await isSo()).toBe(true)
  }
}

const dropped = (reason: string): string => `earshot_drops_total{reason="${reason}"}`

describe('a collector', () => {
  it('tells of its agents under its name', async () => {
    const test = await new TestCollector({}).start()
    const client = await test.client()
    client.write(frame(7))
    await test.until(async () => (await test.metric('earshot_packets_total{transport="tcp",version="3"}')) === 1)
    const lastPacket = await test.metric('earshot_agent_last_packet_timestamp_seconds{agent="7"}')
    expect(Math.abs(Date.now() / 1e3 - lastPacket)).toBeLessThan(60)
    client.destroy()
    await test.collecting.stop()
    const told: AgentsRecord[] = []
    for await (const record of test.log.read(topics.agents, 0, 0)) told.push(readAgents(record))
    expect(told.at(-1)).toMatchObject({
      collector: 'edge',
      agents: [{ agent: '7', packets: 1, transports: ['tcp'], address: '127.0.0.1' }]
    })
    await test.log.stop()
  })

  it('takes what its agents’ file lets in, and follows it', async () => {
    const agentsFile = join(folder, 'agents.yaml')
    writeFileSync(agentsFile, 'agents: [{ name: sbc, captureIds: [7], keys: [right] }]')
    const test = await new TestCollector({ agentsFile }).start()
    await test.sendUdp(frame(7, 'right'), frame(7, 'wrong'), frame(8, 'right'), frame(7))
    await test.until(async () => (await test.metric(dropped('unauthorized'))) === 3)
    writeFileSync(agentsFile, 'agents: [{ name: sbc, captureIds: [7], keys: [right, wrong] }]')
    await test.until(async () => {
      await test.sendUdp(frame(7, 'wrong'))
      return (
        (await test.metric('earshot_packets_total{transport="udp",version="3"}')) - 3 >
        (await test.metric(dropped('unauthorized')))
      )
    })
    const frames = await test.stop()
    expect(frames.length).toBeGreaterThanOrEqual(2)
    for (const secret of ['right', 'wrong']) expect(Buffer.concat(frames).includes(secret)).toBe(false)
  }, 15_000)

  it.each([
    { name: 'a port for TLS without a certificate', hep: { tlsPort: 0 }, says: /^hep.tlsPort needs a certificate/ },
    {
      name: 'a certificate that is not there',
      hep: { tlsPort: 0, tls: { certFile: '/none.crt', keyFile: '/none.key' } },
      says: /^\/none.crt: cannot be read/
    },
    { name: 'no agents’ file', hep: { agentsFile: '/none.yaml' }, says: /^\/none.yaml: cannot be read/ }
  ])('does not start with $name', async ({ hep, says }) => {
    const logs: LocalLog[] = []
    const start = async (): Promise<void> => {
      const test = new TestCollector(hep)
      logs.push(test.log)
      await test.log.start()
      await test.collecting.start()
    }
    const failure: unknown = await start().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect((failure as Error).message).toMatch(says)
    for (const log of logs) await log.stop()
  })
})

describe('a collector whose log is away', () => {
  it('keeps on its disk what comes, says so, and hands it on in its order, over its own end too', async () => {
    const dataDir = join(folder, 'outage')
    const first = await new TestCollector({}, { remote: true, dataDir }).start()
    expect(first.collecting.trouble).toBeUndefined()
    first.log.away = true
    const client = await first.client()
    for (let id = 1; id <= 200; id++) client.write(frame(id))
    await first.until(async () => (await first.metric('earshot_spool_records')) > 0)
    expect(first.collecting.trouble).toMatchObject({
      ready: true,
      reason: expect.stringContaining('wait on this machine')
    })
    client.destroy()
    expect(await first.stop()).toEqual([])

    const second = await new TestCollector({}, { remote: true, dataDir }).start()
    await second.sendUdp(frame(201))
    await second.until(async () => (await second.frames()).length === 201)
    expect(second.collecting.trouble).toBeUndefined()
    expect(await second.metric('earshot_spool_records')).toBe(0)
    expect((await second.stop()).length).toBe(201)
  }, 20_000)

  it('starts all the same where it knows the log from before, and hands on once that is there', async () => {
    const dataDir = join(folder, 'started-without')
    await (await new TestCollector({}, { remote: true, dataDir }).start()).stop()
    const test = new TestCollector({}, { remote: true, dataDir })
    test.log.away = true
    await test.start()
    await test.sendUdp(frame(1))
    await test.until(async () => (await test.metric('earshot_spool_records')) > 0)
    expect(await test.metric('earshot_log_away')).toBe(1)
    expect(test.collecting.trouble).toMatchObject({ ready: true })
    test.log.away = false
    await test.until(async () => (await test.frames()).length === 1)
    await test.until(async () => (await test.metric('earshot_log_away')) === 0)
    expect(test.collecting.trouble).toBeUndefined()
    await test.stop()
  }, 20_000)

  it('waits for a log that it has never known, and says so', async () => {
    const test = new TestCollector({}, { remote: true, dataDir: join(folder, 'never-known') })
    test.log.away = true
    const starting = test.start()
    await test.until(async () => (await test.metric('earshot_log_away')) === 1)
    expect(test.collecting.trouble).toEqual({ ready: false, reason: 'the log is away: no broker' })
    test.log.away = false
    await starting
    expect(test.collecting.trouble).toBeUndefined()
    await test.stop()
  }, 20_000)

  it('drops and counts the frames of a record that the log never takes', async () => {
    const test = await new TestCollector({}, { remote: true, dataDir: join(folder, 'refused') }).start()
    test.log.refuses = ({ headers }) => headers?.kind === 'packets'
    await test.sendUdp(frame(1))
    await test.until(async () => (await test.metric(dropped('refused-by-log'))) === 1)
    test.log.refuses = () => false
    await test.until(() => test.collecting.trouble === undefined)
    await test.sendUdp(frame(2))
    await test.until(async () => (await test.frames()).length === 1)
    await test.stop()
  }, 20_000)

  it('drops UDP, lets TCP wait, and is not ready once its spool is full; and stops all the same', async () => {
    const test = await new TestCollector({ spoolBytes: 1 }, { remote: true, dataDir: join(folder, 'full') }).start()
    test.log.away = true
    const client = await test.client()
    client.write(frame(1))
    await test.until(async () => (await test.metric('earshot_spool_records')) > 0)
    expect(test.collecting.trouble).toMatchObject({ ready: false })
    expect(await test.metric('earshot_spool_capacity_bytes')).toBe(1)
    await test.until(async () => {
      await test.sendUdp(frame(2), frame(3))
      return (await test.metric(dropped('spool-full'))) > 0
    })
    client.destroy()
    const began = performance.now()
    await test.stop()
    expect(performance.now() - began).toBeLessThan(5000)
  }, 20_000)
})

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { KafkaLog } from '@earshot/bus'
import { encodeHep } from '@earshot/hep'
import { ladder } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { framesOf, topics } from '../../services/pipeline.ts'
import { describeKafka } from '../describe-kafka.ts'
import { earshot, RunningEarshot } from '../earshot.ts'
import { KafkaBroker } from '../kafka-broker.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const folder = temporaryFolder()

/** A frame that does not compress, of a call of its own. */
function frameOf(callId: string, bytes = 0): Buffer {
  const [invite] = ladder('0 a>b INVITE', { start: epochMicros(Date.now() * 1e3) })
  const head = invite!.payload.toString().replace(/^Call-ID: .*$/im, `Call-ID: ${callId}`)
  const payload = Buffer.concat([Buffer.from(head), randomBytes(bytes)])
  return encodeHep({ ...invite!, payload, captureId: 1, protocol: 1 })
}

describeKafka('a collector whose Kafka is away, or refuses', () => {
  let kafka: KafkaBroker
  let collector: RunningEarshot

  beforeAll(async () => {
    kafka = await KafkaBroker.start()
    const { code, stderr } = await earshot(
      'topics',
      ...brokers(),
      '--kafka-partitions',
      '3',
      '--kafka-replication',
      '1'
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  }, 180_000)

  afterAll(async () => {
    await collector?.end('SIGKILL')
    await kafka?.stop()
  }, 60_000)

  const brokers = () => ['--kafka-brokers', kafka.brokers.join(',')]
  const start = () => {
    const ports = ['--hep-host', '127.0.0.1', '--hep-udp-port', '0', '--hep-tcp-port', '0']
    const own = ['--data-dir', join(folder, 'collector'), '--hep-collector-name', 'edge']
    return RunningEarshot.start('collector', ...brokers(), ...ports, ...own)
  }

  async function send(...frames: readonly Buffer[]): Promise<void> {
    const socket = connect(collector.ports.tcp, '127.0.0.1').resume()
    await once(socket, 'connect')
    socket.end(Buffer.concat(frames))
    await once(socket, 'close')
  }

  async function callIds(): Promise<string[]> {
    const log = new KafkaLog({ prefix: '', brokers: kafka.brokers })
    await log.start()
    const found: string[] = []
    for (const partition of [0, 1, 2]) {
      for await (const { headers, value } of log.read(topics.packets, partition, 0)) {
        if (headers.kind !== 'packets') continue
        for (const frame of framesOf(value)) found.push(/^Call-ID: (.*)\r$/im.exec(frame.toString('latin1'))![1]!)
      }
    }
    await log.stop()
    return found.toSorted()
  }

  const readiness = async () => {
    const answer = await fetch(`${collector.url}/readyz`)
    return { status: answer.status, text: await answer.text() }
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 60_000
    while (!(await isSo()) && performance.now() < deadline) await sleep(200)
    expect(await isSo()).toBe(true)
  }

  it('starts from what it knows, spools, says so, and sends what it has when Kafka comes', async () => {
    collector = await start()
    await collector.end('SIGTERM')
    await kafka.killNode(1)
    collector = await start()
    await send(frameOf('a'), frameOf('b'), frameOf('c'))
    await until(async () => /earshot_spool_records [1-9]/.test(await collector.metrics()))
    expect(await collector.metrics()).toContain('earshot_log_away 1')
    expect(await readiness()).toEqual({ status: 200, text: expect.stringContaining('wait on this machine') })
    await kafka.startNode(1)
    await until(async () => (await callIds()).join() === 'a,b,c')
    await until(async () => (await collector.metrics()).includes('earshot_log_away 0'))
    expect((await readiness()).text).not.toContain('reason')
  }, 180_000)

  it('drops only what Kafka refuses, and what comes behind it is there', async () => {
    const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    const configEntries = [{ name: 'max.message.bytes', value: '5000' }]
    const resources = [{ type: 2, name: topics.packets, configEntries }]
    await admin.alterConfigs({ validateOnly: false, resources })
    await admin.disconnect()
    await send(frameOf('d', 20_000), frameOf('e', 20_000))
    await until(async () => /reason="refused-by-log"} 2/.test(await collector.metrics()))
    await send(frameOf('f'))
    await until(async () => (await callIds()).join() === 'a,b,c,f')
    expect(await collector.end('SIGTERM')).toBe(0)
    collector = await start()
    expect((await readiness()).status).toBe(200)
  }, 180_000)
})

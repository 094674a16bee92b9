import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { zstdCompressSync } from 'node:zlib'
import { KafkaBroker } from '../../../test/kafka-broker.ts'
import { checkTopics, KafkaLog, stamped, stateTopicOf, type NewRecord, type Stage } from '../src/index.ts'

/**
 * The Kafka log against a real node on this machine: what a million SIP packets of about 700 B cost to append in runs of
 * 64 KiB, and to read, work and commit, with a call record emitted and two changes of state for each 14 packets; and how
 * long a partition with 500,000 keys of about 900 B takes to be restored. Needs java and maven.
 *
 *   node --expose-gc libs/bus/bench/kafka.bench.ts
 */
const partitions = 4
const packetsPerRun = 90
const packets = 500_000
const keys = 500_000

const kafka = await KafkaBroker.start({ java: '-Xmx1g' })
const options = { brokers: kafka.brokers, prefix: 'bench.' }
const common = { replicas: 1, inSync: 1 }
await checkTopics(options, [
  { topic: 'packets', partitions, keeps: { ageMs: 3600e3 }, ...common },
  { topic: 'calls', partitions, keeps: { ageMs: 3600e3 }, ...common },
  { topic: stateTopicOf('packets', 'correlator'), partitions, keeps: 'latest', ...common },
  { topic: 'fill', partitions: 1, keeps: { ageMs: 3600e3 }, ...common },
  { topic: stateTopicOf('fill', 'keeper'), partitions: 1, keeps: 'latest', ...common }
])

const hex = (bytes: number): string => randomBytes(bytes).toString('hex')
const number = (below: number): number => randomBytes(4).readUInt32BE(0) % below

/** Every identifier, number and address of its own, so that runs compress about as those of real peers do. */
function packet(): string {
  const [from, to] = [number(1e9), number(1e9)]
  const host = `198.51.100.${number(256)}:${number(60_000)}`
  return `INVITE sip:+49${to}@192.0.2.${number(256)}:5060;user=phone SIP/2.0\r\nVia: SIP/2.0/UDP ${host};branch=z9hG4bK${hex(12)}\r
Max-Forwards: ${number(70)}\r\nFrom: <sip:+49${from}@carrier.example;user=phone>;tag=${hex(8)}\r
To: <sip:+49${to}@carrier.example;user=phone>\r\nCall-ID: ${hex(16)}@${host}\r\nCSeq: ${number(1e6)} INVITE\r
Contact: <sip:+49${from}@${host}>\r\nAllow: INVITE,ACK,BYE,CANCEL,OPTIONS,PRACK,UPDATE\r\nSupported: 100rel,timer\r
Content-Type: application/sdp\r\nContent-Length: 150\r\n\r\nv=0\r\no=- ${number(1e9)} ${number(1e9)} IN IP4 ${host}\r\ns=-\r
c=IN IP4 ${host}\r\nt=0 0\r\nm=audio ${number(60_000)} RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n`
}

const sampleRuns = Array.from({ length: 100 }, () =>
  Buffer.from(Array.from({ length: packetsPerRun }, packet).join(''))
)

const cuts = Math.ceil(packets / packetsPerRun / partitions)

/** Under another producer each time: what has a stamp that was seen before reaches no stage. */
async function appendAll(log: KafkaLog, producer: string): Promise<void> {
  for (let cut = 0; cut < cuts; cut++) {
    const headers = stamped(producer, cut)
    const records = Array.from({ length: partitions }, (_, partition): NewRecord => {
      return { partition, headers, value: sampleRuns[(cut * partitions + partition) % sampleRuns.length]! }
    })
    await log.append('packets', records)
  }
}

let worked = 0

const callValues = Array.from({ length: 2000 }, () => Buffer.from((packet() + hex(100)).slice(0, 900)))

const correlator = (): Stage => ({
  restore: () => Promise.resolve(),
  handle: records => {
    worked += records.length
    const calls = records.flatMap(({ offset }) => {
      return Array.from({ length: Math.ceil(packetsPerRun / 14) }, (_, index) => `${offset}-${index}`)
    })
    const value = () => callValues[number(callValues.length)]!
    return {
      emit: calls.map(key => ({ topic: 'calls', key, value: value() })),
      changed: calls.flatMap(key => [
        { key, value: value() },
        { key, value: undefined }
      ])
    }
  }
})

type Cost = { readonly seconds: number; readonly client: number; readonly broker: number }

async function cost(work: () => Promise<void>): Promise<Cost> {
  const [started, client, broker] = [performance.now(), process.cpuUsage(), brokerCpu()]
  await work()
  const { user, system } = process.cpuUsage(client)
  return {
    seconds: (performance.now() - started) / 1e3,
    client: (user + system) / 1e6,
    broker: brokerCpu() - broker
  }
}

/** Seconds, where the system says them as Linux does. */
function brokerCpu(): number {
  const fields = readFileSync(`/proc/${kafka.pid(1)}/stat`, 'utf8')
    .split(') ')[1]!
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const perMillion = (name: string, { seconds, client, broker }: Cost): object => ({
  step: name,
  'packets/s': Math.round(packets / seconds),
  'client CPU-s per million': Number(((client / packets) * 1e6).toFixed(1)),
  'broker CPU-s per million': Number(((broker / packets) * 1e6).toFixed(1))
})

/** Throws unless the stages were given every run that was appended. */
async function correlate(log: KafkaLog): Promise<void> {
  worked = 0
  const run = log.run({ input: 'packets', group: 'correlator', stage: correlator })
  await run.start()
  await run.stop()
  if (worked !== cuts * partitions) throw new Error(`${worked} runs were worked of ${cuts * partitions}`)
}

/** Commits so many keys, 5000 in a batch. */
async function fill(log: KafkaLog): Promise<void> {
  let next = 0
  const stage: Stage = {
    restore: () => Promise.resolve(),
    handle: () => {
      const changed = Array.from({ length: 5000 }, () => {
        const text = packet() + hex(100)
        return { key: `call ${next++}`, value: Buffer.from(text.slice(0, 900)) }
      })
      return { emit: [], changed }
    }
  }
  const records = Array.from({ length: keys / 5000 }, () => ({ partition: 0, value: Buffer.from('1') }))
  await log.append('fill', records)
  const run = log.run({ input: 'fill', group: 'keeper', stage: () => stage, batch: { records: 1 } })
  await run.start()
  await run.stop()
}

const log = new KafkaLog({
  ...options,
  observer: {
    failed: ({ error }) => console.error(error.message),
    restored: ({ keys, records, seconds }) => {
      if (keys > 0) console.log(`read ${keys} keys from ${records} records in ${seconds.toFixed(1)} s`)
    }
  }
})
try {
  await log.start()
  const bytes = sampleRuns.reduce((sum, { length }) => sum + length, 0)
  const ratio = bytes / sampleRuns.reduce((sum, run) => sum + zstdCompressSync(run).length, 0)
  console.log(`runs compress to 1/${ratio.toFixed(1)} by zstd`)
  console.log(`packets of ${Math.round(bytes / sampleRuns.length / packetsPerRun)} B, ${partitions} partitions`)
  await appendAll(log, 'first') // Warms both up.
  await correlate(log)
  console.table([
    perMillion('append', await cost(() => appendAll(log, 'second'))),
    perMillion('read, work, commit', await cost(() => correlate(log)))
  ])
  await fill(log)
  global.gc?.()
  const before = process.memoryUsage().rss
  let most = 0
  let restored = 0
  const stage: Stage = {
    restore: async states => {
      for await (const _ of states) if (++restored % 10_000 === 0) most = Math.max(most, process.memoryUsage().rss)
    },
    handle: () => ({ emit: [], changed: [] })
  }
  const run = log.run({ input: 'fill', group: 'keeper', stage: () => stage })
  const { seconds, client } = await cost(() => run.start())
  await run.stop()
  console.log(
    `restored ${restored} keys in ${seconds.toFixed(1)} s, ${client.toFixed(1)} CPU-s, ${Math.round((most - before) / 1e6)} MB at most`
  )
} finally {
  await log.stop()
  await kafka.stop()
}

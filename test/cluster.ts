import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaLog } from '@earshot/bus'
import { topics } from '../services/pipeline.ts'
import { earshotBy, inProcess, RunningEarshot, type Launch } from './earshot.ts'
import { KafkaBroker } from './kafka-broker.ts'

export type ClusterSize = {
  readonly nodes: number
  readonly partitions: number
  readonly collectors: number
  readonly correlators: number
  readonly monitors: number
  /** More flags for all processes. */
  readonly flags?: readonly string[]
  /** What starts them; without it they are processes of this machine. */
  readonly launch?: Launch
}

export type Worker = 'collector' | 'correlator' | 'monitor'

/** Of records that are there once each. */
const KINDS: ReadonlySet<string> = new Set(['attempt', 'call_end', 'rejection'])

/** A process of a role; started again it is the same to the others: a collector keeps its name, port and folder. */
export class Member {
  readonly name: string
  readonly #launch: Launch
  readonly #role: string
  #args: readonly string[]
  #running: RunningEarshot | undefined

  constructor(launch: Launch, name: string, role: string, args: readonly string[]) {
    this.#launch = launch
    this.name = name
    this.#role = role
    this.#args = args
  }

  get running(): RunningEarshot {
    if (this.#running === undefined) throw new Error(`${this.name} does not run`)
    return this.#running
  }

  async start(): Promise<void> {
    this.#running = await RunningEarshot.startBy(this.#launch, this.#role, ...this.#args)
    const { tcp } = this.#running.ports
    if (tcp > 0) this.#args = this.#args.map((arg, at) => (this.#args[at - 1] === '--hep-tcp-port' ? String(tcp) : arg))
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const running = this.#running
    this.#running = undefined
    return (await running?.end(signal)) ?? null
  }
}

/** Every role in processes of its own over a real Kafka, on this machine. */
export class Cluster {
  readonly kafka: KafkaBroker
  readonly console: Member
  readonly #folder: string
  readonly #flags: readonly string[]
  readonly #launch: Launch
  readonly #members: Readonly<Record<Worker, Member[]>> = { collector: [], correlator: [], monitor: [] }

  private constructor(kafka: KafkaBroker, folder: string, { flags = [], launch = inProcess }: ClusterSize) {
    this.kafka = kafka
    this.#folder = folder
    this.#flags = [...flags, '--kafka-brokers', kafka.brokers.join(',')]
    this.#launch = launch
    this.console = new Member(launch, 'console', 'console', [...this.#flags, '--data-dir', `${folder}/console`])
  }

  /** @param folder for what collectors keep */
  static async start(size: ClusterSize, folder: string): Promise<Cluster> {
    const kafka = await KafkaBroker.start({ nodes: size.nodes })
    const cluster = new Cluster(kafka, folder, size)
    try {
      const counts = ['--kafka-partitions', String(size.partitions), '--kafka-replication', String(size.nodes)]
      const { code, stderr } = await earshotBy(cluster.#launch, ['topics', ...cluster.#flags, ...counts])
      if (code !== 0) throw new Error(`earshot topics: ${stderr}`)
      const more = (role: Worker, count: number) => Array.from({ length: count }, () => cluster.add(role))
      await Promise.all([
        cluster.console.start(),
        ...more('monitor', size.monitors),
        ...more('correlator', size.correlators),
        ...more('collector', size.collectors)
      ])
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  /** In the order in which they were added. */
  members(role: Worker): readonly Member[] {
    return this.#members[role]
  }

  all(): readonly Member[] {
    return [...Object.values(this.#members).flat(), this.console]
  }

  /** Where collectors take HEP over TCP. */
  get ports(): number[] {
    return this.#members.collector.map(({ running }) => running.ports.tcp)
  }

  async add(role: Worker): Promise<Member> {
    const members = this.#members[role]
    const name = `${role}-${members.length + 1}`
    const own =
      role === 'collector'
        ? ['--hep-host', '127.0.0.1', '--hep-udp-port', '0', '--hep-tcp-port', '0', '--hep-collector-name', name]
        : []
    const member = new Member(this.#launch, name, role, [
      ...this.#flags,
      '--data-dir',
      `${this.#folder}/${name}`,
      ...own
    ])
    members.push(member)
    await member.start()
    return member
  }

  /** Takes a member away for good; whoever does so ends it. */
  remove(role: Worker, member: Member): void {
    this.#members[role].splice(this.#members[role].indexOf(member), 1)
  }

  /** All records of calls that were committed, in no order. */
  async records(): Promise<object[]> {
    const log = new KafkaLog({ prefix: '', brokers: this.kafka.brokers })
    await log.start()
    try {
      const partitions = await log.partitions(topics.calls)
      const all = Array.from({ length: partitions }, async (_, partition) => {
        const records: object[] = []
        for await (const { headers, value } of log.read(topics.calls, partition, 0)) {
          if (KINDS.has(headers.kind ?? '')) records.push(JSON.parse(value.toString()) as object)
        }
        return records
      })
      return (await Promise.all(all)).flat()
    } finally {
      await log.stop()
    }
  }

  /** Resolves when every node has every record again that the others have. */
  async untilInSync(): Promise<void> {
    const deadline = performance.now() + 60_000
    while (!(await this.kafka.isInSync())) {
      if (performance.now() > deadline) throw new Error('Kafka is not in sync after a minute')
      await sleep(500)
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map(each => each.end('SIGKILL')))
    await this.kafka.stop()
  }
}

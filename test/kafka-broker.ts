import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Kafka } from 'kafkajs'

const script = fileURLToPath(new URL('../deploy/kafka/node.sh', import.meta.url))

export type KafkaBrokerOptions = {
  /** 1 (default) or 3. */
  readonly nodes?: number
  /** Of the clients' listener; default PLAINTEXT. */
  readonly protocol?: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  /** More server properties, for instance of the listener's certificates. */
  readonly properties?: Readonly<Record<string, string>>
  /** Flags of the virtual machine; default those that start fast and stay small. */
  readonly java?: string
  /** Users as StorageTool takes them: `SCRAM-SHA-256=[name=N,password=P]`. */
  readonly scram?: readonly string[]
}

/**
 * Real Kafka nodes on free ports of 127.0.0.1, in a temporary folder of their own, without auto-creation of topics.
 *
 * To be stopped by whoever started them; they end with this process too, unless that is killed.
 */
export class KafkaBroker {
  /** The addresses of the nodes, in the order of their ids 1, 2, 3. */
  readonly brokers: readonly string[]
  readonly #folder: string
  readonly #ports: string
  readonly #environment: NodeJS.ProcessEnv
  readonly #processes = new Map<number, ChildProcess>()
  readonly #endAll = (): void => {
    for (const child of this.#processes.values()) child.kill('SIGKILL')
  }

  private constructor(ports: readonly string[], { protocol, properties = {}, java, scram = [] }: KafkaBrokerOptions) {
    this.brokers = ports.map(port => `127.0.0.1:${port.split(':')[0]}`)
    this.#ports = ports.join(' ')
    this.#folder = mkdtempSync(join(tmpdir(), 'earshot-kafka-'))
    const file = join(this.#folder, 'more.properties')
    writeFileSync(
      file,
      Object.entries(properties)
        .map(([name, value]) => `${name}=${value}\n`)
        .join('')
    )
    this.#environment = {
      ...process.env,
      KAFKA_JAVA: java ?? '-Xmx384m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
      KAFKA_PROPERTIES: file,
      KAFKA_PROTOCOL: protocol ?? 'PLAINTEXT',
      KAFKA_SCRAM: scram.join(' ')
    }
    process.once('exit', this.#endAll)
  }

  /** Resolves when every node takes requests; rejects with what it said when one ends instead. */
  static async start(options: KafkaBrokerOptions = {}): Promise<KafkaBroker> {
    const ids = Array.from({ length: options.nodes ?? 1 }, (_, index) => index + 1)
    const free = await freePorts(ids.length * 3)
    const ports = ids.map(id => free.slice(id * 3 - 3, id * 3).join(':'))
    const broker = new KafkaBroker(ports, options)
    try {
      await Promise.all(ids.map(id => broker.startNode(id)))
      return broker
    } catch (error) {
      await broker.stop()
      throw error
    }
  }

  /** The process of a node that runs. */
  pid(id: number): number | undefined {
    return this.#processes.get(id)?.pid
  }

  /** Starts a node that was killed or stopped, with what it had. */
  async startNode(id: number): Promise<void> {
    const child = spawn('sh', [script, String(id), this.#ports, join(this.#folder, String(id))], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    this.#processes.set(id, child)
    const said: string[] = []
    const started = new Promise<void>(resolve => {
      for (const output of [child.stdout, child.stderr]) {
        createInterface(output).on('line', line => {
          if (said.push(line) > 20) said.shift()
          if (line.includes('Kafka Server started')) resolve()
        })
      }
    })
    const ended = once(child, 'close').then(() => {
      this.#processes.delete(id)
      throw new Error(`Kafka node ${id} ended:\n${said.join('\n')}`)
    })
    await Promise.race([started, ended])
    ended.catch(() => undefined) // From now on it may end.
  }

  /** Ends a node where it stands. */
  killNode(id: number): Promise<void> {
    return this.#end(id, 'SIGKILL')
  }

  /** Stops a node as a supervisor does: it hands its partitions over. */
  stopNode(id: number): Promise<void> {
    return this.#end(id, 'SIGTERM')
  }

  /** Of the nodes that run. */
  get pids(): number[] {
    return [...this.#processes.values()].map(({ pid }) => pid!)
  }

  /** Whether every node that should have a partition's records has all of them. */
  async isInSync(): Promise<boolean> {
    const admin = new Kafka({ brokers: [...this.brokers], logLevel: 0 }).admin()
    try {
      await admin.connect()
      const { topics } = await admin.fetchTopicMetadata()
      return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length))
    } catch {
      return false
    } finally {
      await admin.disconnect()
    }
  }

  /** Ends every node and deletes what they had. */
  async stop(): Promise<void> {
    await Promise.all([...this.#processes.keys()].map(id => this.killNode(id)))
    process.off('exit', this.#endAll)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #end(id: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#processes.get(id)
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }
}

/** Free at this moment; another process may still take one before it is used. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ClickhouseStore } from './clickhouse-store.ts'

const program = fileURLToPath(new URL('../../../test/clickhouse/server.ts', import.meta.url))

/** The real engine in a process of its own; needs `npm install --prefix test/clickhouse`. */
export class TestClickhouse {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly url: string
  #databases = 0

  constructor(child: ChildProcessByStdio<Writable, Readable, null>, port: number) {
    this.#child = child
    this.url = `http://127.0.0.1:${port}`
  }

  /** @param folder of its data */
  static async start(folder: string): Promise<TestClickhouse> {
    const child = spawn(process.execPath, [program, folder], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    const told = once(child.stdout, 'data') as Promise<[Buffer]>
    const ended = once(child, 'exit').then(() => {
      throw new Error('ClickHouse did not start: see what it said, or npm install --prefix test/clickhouse')
    })
    const [port] = await Promise.race([told, ended])
    ended.catch(() => undefined)
    return new TestClickhouse(child, Number(port.toString()))
  }

  /** Started, in the database of this name, else in one of its own. */
  async store(database = `d${++this.#databases}`): Promise<ClickhouseStore> {
    const store = new ClickhouseStore({ url: this.url, database, username: 'default', password: '' })
    await store.start()
    return store
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.stdin.end()
    await ended
  }
}

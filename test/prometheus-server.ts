import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** One series of an answer: its labels, and its values by time in epoch seconds. NaN is a value. */
export type Answered = {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [at: number, value: number])[]
}

export type Span = { readonly from: number; readonly to: number; readonly step: number }

/** A real Prometheus in a process of its own, over a folder that somebody else removes. */
export class PrometheusServer {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  /** @param config as prometheus.yml has it; JSON is YAML. Rejects with what it said when it ends instead. */
  static async start(folder: string, config: object): Promise<PrometheusServer> {
    const port = await freePort()
    const file = join(folder, 'prometheus.yml')
    writeFileSync(file, JSON.stringify(config))
    const child = spawn(
      'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn'
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] }
    )
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4_000)))
    const server = new PrometheusServer(child, `http://127.0.0.1:${port}`)
    while (!(await server.#isReady())) {
      if (child.exitCode !== null) throw new Error(`prometheus ended: ${complaint}`)
      await pause(50)
    }
    return server
  }

  /** At one moment, in epoch seconds. */
  async query(expression: string, at: number): Promise<Answered[]> {
    const result = await this.#ask('query', { query: expression, time: String(at) })
    return result.map(({ metric, value }) => ({ metric, values: value === undefined ? [] : [number(value)] }))
  }

  async queryRange(expression: string, { from, to, step }: Span): Promise<Answered[]> {
    const span = { start: String(from), end: String(to), step: String(step) }
    const result = await this.#ask('query_range', { query: expression, ...span })
    return result.map(({ metric, values = [] }) => ({ metric, values: values.map(number) }))
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    await closed
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/-/ready`)).ok
    } catch {
      return false
    }
  }

  async #ask(path: string, query: Record<string, string>): Promise<Told['data']['result']> {
    const response = await fetch(`${this.url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(query) })
    const told = JSON.parse(await response.text()) as Told
    if (told.status !== 'success') throw new Error(`${query['query']}: ${told.error}`)
    return told.data.result
  }
}

type Sample = readonly [at: number, value: string]
type Told = {
  readonly status: string
  readonly error?: string
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>
      readonly value?: Sample
      readonly values?: readonly Sample[]
    }[]
  }
}

const number = ([at, value]: Sample) => [at, value === '+Inf' ? Infinity : Number(value)] as const

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

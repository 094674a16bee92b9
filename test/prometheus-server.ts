import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../services/earshot/prometheus/free-port.ts'
import { Program } from '../services/earshot/prometheus/program.ts'

/** One series of an answer: its labels, and its values by time in epoch seconds. NaN is a value. */
export type Answered = {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [at: number, value: number])[]
}

export type Span = { readonly from: number; readonly to: number; readonly step: number }

/** A real Prometheus in a process of its own, over a folder that somebody else removes. */
export class PrometheusServer {
  readonly #program: Program
  readonly #url: string

  private constructor(program: Program, url: string) {
    this.#program = program
    this.#url = url
  }

  /** @param config as prometheus.yml has it; JSON is YAML */
  static async start(folder: string, config: object): Promise<PrometheusServer> {
    const address = `127.0.0.1:${await freePort()}`
    const file = join(folder, 'prometheus.yml')
    writeFileSync(file, JSON.stringify(config))
    const data = join(folder, 'prometheus')
    const program = new Program('Prometheus', {
      command: 'prometheus',
      args: [`--config.file=${file}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${address}`],
      readyAt: `http://${address}/-/ready`,
      onFailure(error) {
        throw error
      }
    })
    await program.start()
    return new PrometheusServer(program, `http://${address}`)
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
    await this.#program.stop()
  }

  async #ask(path: string, query: Record<string, string>): Promise<Told['data']['result']> {
    const response = await fetch(`${this.#url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(query) })
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

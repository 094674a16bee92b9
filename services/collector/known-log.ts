import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppendError, isPassing, type Log, type NewRecord } from '@earshot/bus'
import type { Component } from '@earshot/runtime'

const FORMAT = 1
const RETRY_MS = 1000
/** How long a start that can do without the log waits for its answer. */
const PATIENCE_MS = 3000

type Counts = Readonly<Record<string, number>>

type Parts = {
  /** The log that may be away. */
  readonly log: Pick<Log, 'partitions' | 'append'>
  /** Those that something is appended to. */
  readonly topics: readonly string[]
  /** Where the numbers are kept from one start to the next; absent: nowhere. */
  readonly file?: string
  /** Told why the log cannot be asked, once in a start. */
  readonly onAway: (message: string) => void
  /** Told when nothing can be appended any more before a new start. */
  readonly onFailure: (error: Error) => void
  readonly retryMs?: number
  readonly patienceMs?: number
}

/**
 * A log that can be away, with the numbers of partitions that it had when it was there last: with these a collector can
 * begin without it. A partition says where a call is counted, so nothing is appended before the log has said itself that
 * they still hold; where they do not, all begins anew with the right ones.
 *
 * Without numbers from before, `start` waits for the log. It rejects with what waiting does not mend.
 */
export class KnownLog implements Component, Pick<Log, 'partitions' | 'append'> {
  readonly name = 'partitions'
  readonly #parts: Parts
  readonly #stopping = new AbortController()
  #counts: Counts | undefined
  /** By the log itself, in this run of the process. */
  #isConfirmed = false
  #confirming: Promise<void> | undefined
  #waitsFor: string | undefined
  #hasFailed = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const kept = await this.#kept()
    while (this.#counts === undefined) {
      try {
        await this.#take(
          await (kept === undefined ? this.#ask() : this.#askWithin(this.#parts.patienceMs ?? PATIENCE_MS))
        )
      } catch (error) {
        if (!isPassing(error) || this.#stopping.signal.aborted) throw error
        if (this.#waitsFor === undefined) this.#parts.onAway((error as Error).message)
        this.#waitsFor = (error as Error).message
        this.#counts = kept
        if (kept === undefined) {
          await pause(this.#parts.retryMs ?? RETRY_MS, undefined, { signal: this.#stopping.signal })
        }
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped before the log was there'))
  }

  /** Why it waits for the log, when it does. */
  get waitsFor(): string | undefined {
    return this.#isConfirmed ? undefined : this.#waitsFor
  }

  async partitions(topic: string): Promise<number> {
    return this.countOf(topic)
  }

  /** The number of partitions of one of its topics, as far as it is known. To be asked once it has started. */
  countOf(topic: string): number {
    const count = this.#counts?.[topic]
    if (count === undefined) throw new RangeError(`nothing is appended to ${topic}`)
    return count
  }

  async append(topic: string, records: readonly NewRecord[]): Promise<void> {
    if (!this.#isConfirmed) await this.#confirm(topic, records)
    await this.#parts.log.append(topic, records)
  }

  async #confirm(topic: string, records: readonly NewRecord[]): Promise<void> {
    this.#confirming ??= this.#compare().finally(() => (this.#confirming = undefined))
    try {
      await this.#confirming
    } catch (cause) {
      if (!isPassing(cause)) this.#fail(cause as Error)
      throw new AppendError(topic, records, cause)
    }
  }

  #fail(error: Error): void {
    if (!this.#hasFailed) this.#parts.onFailure(error)
    this.#hasFailed = true
  }

  async #compare(): Promise<void> {
    const counts = await this.#ask()
    const changed = this.#parts.topics.find(topic => counts[topic] !== this.#counts?.[topic])
    if (changed === undefined) return this.#take(counts)
    throw new Error(
      `${changed} has ${counts[changed]} partitions now, and had ${this.#counts?.[changed]} when the log was there last: ` +
        'this process ends, for it must be started anew; nothing is lost'
    )
  }

  async #askWithin(ms: number): Promise<Counts> {
    const enough = new AbortController()
    const late = pause(ms, undefined, { signal: enough.signal }).then(() => {
      throw Object.assign(new Error(`the log has not answered within ${ms} ms`), { passing: true })
    })
    try {
      return await Promise.race([this.#ask(), late])
    } finally {
      late.catch(() => undefined)
      enough.abort()
    }
  }

  async #ask(): Promise<Counts> {
    const { topics, log } = this.#parts
    const counts = await Promise.all(topics.map(async topic => [topic, await log.partitions(topic)] as const))
    return Object.fromEntries(counts)
  }

  async #take(counts: Counts): Promise<void> {
    this.#counts = counts
    this.#isConfirmed = true
    await this.#keep(counts)
  }

  /** What was kept by another version, or not at all, is not known. */
  async #kept(): Promise<Counts | undefined> {
    const { file, topics } = this.#parts
    if (file === undefined) return undefined
    try {
      const { format, partitions } = JSON.parse(await readFile(file, 'utf8')) as { format: number; partitions: Counts }
      const isWhole = format === FORMAT && topics.every(topic => Number.isSafeInteger(partitions[topic]))
      return isWhole ? partitions : undefined
    } catch {
      return undefined
    }
  }

  async #keep(partitions: Counts): Promise<void> {
    const { file } = this.#parts
    if (file === undefined) return
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.new`, `${JSON.stringify({ format: FORMAT, partitions })}\n`)
    await rename(`${file}.new`, file)
  }
}

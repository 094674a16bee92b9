import { endProcess, type Component, type RunOptions } from './log.ts'
import { LocalPartition } from './local-partition.ts'
import type { OpenLog, Running } from './open-log.ts'

export const runKey = (input: string, group: string): string => JSON.stringify([input, group])

/** A group reading a topic of the local log: one worker per partition, which fail together. */
export class LocalRun implements Component, Running {
  readonly name: string
  readonly #log: () => OpenLog
  readonly #options: RunOptions
  #starting: Promise<void> | undefined
  #partitions: readonly LocalPartition[] = []
  #ended: Promise<void> | undefined

  /** The log need not be open before `start`. */
  constructor(log: () => OpenLog, options: RunOptions) {
    this.name = options.group
    this.#log = log
    this.#options = options
  }

  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async stop(): Promise<void> {
    await this.#starting?.catch(() => undefined) // Told to whoever called start.
    if (this.#ended === undefined) return
    await this.#log().written()
    for (const partition of this.#partitions) partition.stopAtEnd()
    await this.#ended
  }

  async worked(): Promise<void> {
    await this.#log().written()
    await Promise.all(this.#partitions.map(partition => partition.worked()))
  }

  async #start(): Promise<void> {
    const { input, group } = this.#options
    const log = this.#log()
    const streams = log.topic(input)
    const key = runKey(input, group)
    if (log.running.has(key)) throw new Error(`group ${group} reads ${input} already`)
    log.running.set(key, this)
    try {
      await log.write(() => {
        for (const stream of streams) log.file.join(group, stream)
      })
      this.#partitions = streams.map(stream => new LocalPartition(log, stream, this.#options))
      await allSettled(this.#partitions.map(partition => partition.restore()))
    } catch (error) {
      log.running.delete(key)
      for (const partition of this.#partitions) partition.drop()
      throw error
    }
    this.#ended = this.#work().finally(() => log.running.delete(key))
  }

  /** Resolves when every partition has ended, however. */
  async #work(): Promise<void> {
    let failure: unknown
    const working = this.#partitions.map(partition =>
      partition.work().catch(error => {
        failure ??= error
        for (const each of this.#partitions) each.halt()
      })
    )
    await Promise.all(working)
    if (failure === undefined) return
    const { input, group, onFailure = endProcess } = this.#options
    onFailure(new Error(`group ${group} gave up on ${input}`, { cause: failure }))
  }
}

/** As Promise.all, but rejects only when nothing is under way any more. */
async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(promises)
  await Promise.all(promises)
}

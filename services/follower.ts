import { setTimeout as pause } from 'node:timers/promises'
import type { Component, Log } from '@earshot/bus'

const RETRY_AFTER_MS = 1000

export type FollowerParts = {
  readonly name: string
  readonly log: Pick<Log, 'partitions'>
  readonly topic: string
  /** Reads a partition until the signal, or rejects; it is called anew then, and goes on where that makes sense. */
  readonly read: (partition: number, signal: AbortSignal) => Promise<void>
  /** What people are told when a partition cannot be read. */
  readonly trouble: (partition: number) => string
  readonly onTrouble: ((error: Error) => void) | undefined
  readonly retryAfterMs?: number | undefined
}

/** Follows every partition of a topic from `start` until `stop`, through any trouble. */
export class Follower implements Component {
  readonly name: string
  readonly #parts: FollowerParts
  readonly #ending = new AbortController()
  #following: Promise<unknown> = Promise.resolve()

  constructor(parts: FollowerParts) {
    this.name = parts.name
    this.#parts = parts
  }

  async start(): Promise<void> {
    const count = await this.#parts.log.partitions(this.#parts.topic)
    this.#following = Promise.all(Array.from({ length: count }, (_, partition) => this.#follow(partition)))
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#following
  }

  /** Never rejects. */
  async #follow(partition: number): Promise<void> {
    const { signal } = this.#ending
    const { read, trouble, onTrouble, retryAfterMs = RETRY_AFTER_MS } = this.#parts
    while (!signal.aborted) {
      try {
        await read(partition, signal)
        return
      } catch (error) {
        if (signal.aborted) return
        onTrouble?.(new Error(trouble(partition), { cause: error }))
        await pause(retryAfterMs, undefined, { signal }).catch(() => undefined)
      }
    }
  }
}

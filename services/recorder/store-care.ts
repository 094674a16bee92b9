import { setTimeout as pause } from 'node:timers/promises'
import type { Component, Config } from '@earshot/runtime'
import type { Store, StoreSize } from '@earshot/store'
import { catalogue, type Metrics } from '@earshot/telemetry'
import type { EpochMicros } from '@earshot/units'

/** Between two rounds at least; and so much more as the last one took, so that care is at most a sixth of the work. */
const PAUSE_MS = 5000
const PAUSE_PER_WORK = 5
const HOURS_EVERY_MS = 60_000
const RETAIN_EVERY_MS = 10 * 60_000
const DAY = 86_400

export type StoreCareParts = {
  readonly store: Pick<Store, 'refresh' | 'retain' | 'size'>
  readonly settings: Config['store']
  readonly metrics: Metrics
  /** Undefined where time comes from captured traffic only: then the newest attempt's is taken. */
  readonly now: (() => EpochMicros) | undefined
}

/** Keeps the rollups of a store up to date, deletes what is old, and shows how large it is. */
export class StoreCare implements Component {
  readonly name = 'store care'
  readonly #parts: StoreCareParts
  readonly #ending = new AbortController()
  #caring: Promise<void> | undefined
  #size: StoreSize | undefined
  #hoursAt = -Infinity
  #retainAt = -Infinity

  constructor(parts: StoreCareParts) {
    this.#parts = parts
  }

  start(): Promise<void> {
    const { metrics } = this.#parts
    metrics.observe(catalogue.storeBytes, tell => {
      if (this.#size) tell(this.#size.bytes)
    })
    metrics.observe(catalogue.storeStaleRollups, tell => {
      if (this.#size) tell(this.#size.staleMinutes)
    })
    this.#caring = this.#care()
    return Promise.resolve()
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#caring
  }

  async #care(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      const began = performance.now()
      // Who is behind the port tells of its failures.
      await this.#round(began, signal).catch(() => undefined)
      const ms = Math.max(PAUSE_MS, PAUSE_PER_WORK * (performance.now() - began))
      await pause(ms, undefined, { signal }).catch(() => undefined)
    }
  }

  async #round(at: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#refresh(at, signal)
    } finally {
      // A store that cannot be brought up to date is not to fill the disk.
      await this.#retain(at)
    }
  }

  async #refresh(at: number, signal: AbortSignal): Promise<void> {
    const { store } = this.#parts
    await store.refresh('minute', signal)
    if (at - this.#hoursAt < HOURS_EVERY_MS) return
    this.#hoursAt = at
    await store.refresh('hour', signal)
  }

  async #retain(at: number): Promise<void> {
    const { store, now } = this.#parts
    this.#size = await store.size()
    const time = now ? now() : this.#size.newest
    if (time === undefined || at - this.#retainAt < RETAIN_EVERY_MS) return
    this.#retainAt = at
    await store.retain(time, this.#limits())
  }

  #limits(): Parameters<Store['retain']>[1] {
    const { attemptDays, messageDays, minuteDays, hourDays, alertDays, bytes, messageBytes } = this.#parts.settings
    return {
      attemptsSeconds: attemptDays * DAY,
      messagesSeconds: messageDays * DAY,
      minutesSeconds: minuteDays * DAY,
      hoursSeconds: hourDays * DAY,
      alertsSeconds: alertDays * DAY,
      messagesBytes: messageBytes,
      bytes
    }
  }
}

import type { ServerResponse } from 'node:http'

/** Proxies often close what is silent for a minute; and whoever listens knows by it that the stream still lives. */
const HEARTBEAT_MS = 15_000
/** A browser asks again so long after the stream broke. */
const RETRY_MS = 2_000
/** Then whoever listens asks again: a cookie may have expired, of which the browser alone knows. */
const LONGEST_MS = 3600_000

/** What is told, as the whole of it, whenever it has changed. */
export type Topic = { readonly name: string; readonly everyMs: number; readonly show: () => unknown }

/**
 * Tells everybody who listens what is new, worked out once for all of them, and nothing while nobody listens. Each event is
 * the whole of its topic, so that whoever reads too slowly is told less often instead of being waited for.
 */
export class EventStream {
  readonly #topics: readonly Watched[]
  readonly #listeners = new Set<Listener>()
  #looking: NodeJS.Timeout | undefined
  #silentSince = 0

  readonly #lookMs: number

  constructor(topics: readonly Topic[], lookMs = 500) {
    this.#topics = topics.map(topic => new Watched(topic))
    this.#lookMs = lookMs
  }

  /**
   * Sends the head of the answer too.
   *
   * @param isAllowed whether whoever listens still may; asked at each look
   */
  add(response: ServerResponse, isAllowed = (): boolean => true): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // What nginx would buffer is not live.
      'x-accel-buffering': 'no'
    })
    response.write(`retry: ${RETRY_MS}\n\n`)
    this.#look()
    const listener = new Listener(response, isAllowed)
    this.#listeners.add(listener)
    response.once('close', () => this.#leave(listener))
    for (const topic of this.#topics) listener.tell(topic)
    if (this.#listeners.size === 1) this.#silentSince = performance.now()
    this.#looking ??= setInterval(() => this.#look(), this.#lookMs).unref()
  }

  end(): void {
    for (const { response } of this.#listeners) response.end()
  }

  #leave(listener: Listener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    clearInterval(this.#looking)
    this.#looking = undefined
  }

  #look(): void {
    const now = performance.now()
    for (const listener of this.#listeners) {
      if (listener.mayListen(now)) continue
      this.#listeners.delete(listener)
      listener.response.end()
    }
    for (const topic of this.#topics) {
      if (!topic.look(now)) continue
      this.#silentSince = now
      for (const listener of this.#listeners) listener.tell(topic)
    }
    if (now - this.#silentSince < HEARTBEAT_MS) return
    this.#silentSince = now
    for (const { response } of this.#listeners) {
      if (!response.writableNeedDrain) response.write('event: beat\ndata:\n\n')
    }
  }
}

class Listener {
  readonly response: ServerResponse
  /** Has changed while the response took no more. */
  readonly #missed = new Set<Watched>()
  readonly #isAllowed: () => boolean
  readonly #since = performance.now()

  constructor(response: ServerResponse, isAllowed: () => boolean) {
    this.response = response
    this.#isAllowed = isAllowed
    response.on('drain', () => {
      const missed = [...this.#missed]
      this.#missed.clear()
      for (const topic of missed) this.tell(topic)
    })
  }

  mayListen(now: number): boolean {
    return now - this.#since < LONGEST_MS && this.#isAllowed()
  }

  tell(topic: Watched): void {
    if (this.response.writableNeedDrain) this.#missed.add(topic)
    else this.response.write(topic.event)
  }
}

class Watched {
  readonly #topic: Topic
  #lookedAt = -Infinity
  event = ''

  constructor(topic: Topic) {
    this.#topic = topic
  }

  /** Whether it reads otherwise than before, if it is time to look. */
  look(now: number): boolean {
    if (now - this.#lookedAt < this.#topic.everyMs) return false
    this.#lookedAt = now
    const before = this.event
    this.event = `event: ${this.#topic.name}\ndata: ${JSON.stringify(this.#topic.show())}\n\n`
    return this.event !== before
  }
}

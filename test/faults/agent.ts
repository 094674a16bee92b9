import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Captured } from '@earshot/units'
import { frameOf } from '../../services/earshot/replay.ts'

const RECONNECT_MS = 100

/** One connection of an agent, made again when it breaks. What is sent while it is broken is lost, as with a real one. */
class Link {
  /** Resolves when it was connected for the first time. */
  readonly connected: Promise<void>
  readonly #port: number
  #onConnect = (): void => undefined
  #socket: Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(port: number) {
    this.#port = port
    this.connected = new Promise(resolve => (this.#onConnect = resolve))
    this.#connect()
  }

  send(frame: Buffer): void {
    this.#socket?.write(frame)
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#socket?.end()
  }

  #connect(): void {
    const socket = connect(this.#port, '127.0.0.1')
    socket.on('connect', () => {
      this.#socket = socket
      this.#onConnect()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#socket = undefined
      if (!this.#ended) this.#timer = setTimeout(() => this.#connect(), RECONNECT_MS)
    })
    socket.resume()
  }
}

/**
 * Sends every packet at its time to each collector, over TCP: as a border controller with two capture servers does, so
 * that one of them can fail. Resolves to how much later than its time a packet was sent at most, in milliseconds.
 */
export async function sendInTime(packets: Iterable<Captured>, ports: readonly number[]): Promise<number> {
  const links = ports.map(port => new Link(port))
  let latestMs = 0
  try {
    await Promise.all(links.map(({ connected }) => connected))
    for (const packet of packets) {
      const wait = packet.capturedAt / 1e3 - Date.now()
      if (wait > 1) await sleep(wait)
      latestMs = Math.max(latestMs, -wait)
      const frame = frameOf(packet)!
      for (const link of links) link.send(frame)
    }
    return latestMs
  } finally {
    for (const link of links) link.end()
  }
}

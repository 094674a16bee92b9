import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Captured } from '@earshot/units'
import { frameOf } from '../../services/earshot/replay.ts'

const RECONNECT_MS = 100

/**
 * One connection of an agent, made again when it breaks, with the next of its collectors. What is sent while it is broken is
 * lost, as with a real one. Where a collector ends its side, as one does that stops, the agent moves on before it ends its own.
 */
class Link {
  /** Resolves when it was connected for the first time. */
  readonly connected: Promise<void>
  readonly #ports: readonly number[]
  #onConnect = (): void => undefined
  #next = 0
  #socket: Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(ports: readonly number[]) {
    this.#ports = ports
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
    const port = this.#ports[this.#next++ % this.#ports.length]!
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let left = false
    const leave = (afterMs: number): void => {
      if (left || this.#ended) return
      left = true
      this.#timer = setTimeout(() => this.#connect(), afterMs)
    }
    socket.on('connect', () => {
      const before = this.#socket
      this.#socket = socket
      before?.end()
      this.#onConnect()
    })
    socket.on('end', () => leave(0))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined
      leave(RECONNECT_MS)
    })
    socket.resume()
  }
}

/**
 * Sends every packet at its time to each collector, over TCP: as a border controller with two capture servers does, so
 * that one of them can fail. Resolves to how much later than its time a packet was sent at most, in milliseconds.
 */
export const sendInTime = (packets: Iterable<Captured>, ports: readonly number[]): Promise<number> =>
  sendBy(
    ports.map(port => new Link([port])),
    packets
  )

/** The same to one collector at a time: what an agent does that reaches them through a Service. */
export const sendToOne = (packets: Iterable<Captured>, ports: readonly number[]): Promise<number> =>
  sendBy([new Link(ports)], packets)

async function sendBy(links: readonly Link[], packets: Iterable<Captured>): Promise<number> {
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

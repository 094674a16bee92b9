import { createServer, type Server, type Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { HepFramer } from '@earshot/hep'
import type { Component } from '@earshot/runtime'
import type { EpochMicros } from '@earshot/units'
import type { Access, Source as Sender } from './access.ts'
import { AddressLimit } from './address-limit.ts'
import { listening, onEveryAddress } from './binding.ts'
import type { Intake, SocketDrop } from './intake.ts'
import type { Packer } from './packer.ts'
import { Reading } from './reading.ts'
import type { Source } from './ticker.ts'
import { Handshakes } from './tls-handshakes.ts'

/** A connection that sends nothing for this long is closed: its agent is gone. */
const IDLE_MS = 600_000
const MOST_CONNECTIONS = 10_000
/** Of one address, behind which a load balancer may have many agents. */
const MOST_OF_ADDRESS = 1000
/** What an address that only begins them can have open must leave room for others. */
const MOST_HANDSHAKES = 2000

/** What a connection gives in one turn of the event loop when it may have more: libuv's reads are so large, or TLS's. */
const FULL_TURN = { tcp: 64 << 10, tls: 16 << 10 }

/** When it stops: nothing more is on its way when nothing has come for so long. */
const GAP_MS = 50
const MOST_MS = 2000

type Parts = {
  readonly host: string
  readonly port: number
  readonly intake: Intake
  readonly packer: Packer
  readonly access: Access
  /** The connections are of TLS; `use` is called before the start. */
  readonly tls?: { readonly asksForCertificates: boolean }
  readonly most?: { readonly ofAddress?: number; readonly handshakes?: number }
}

/** HEP over TCP or TLS. While the log cannot take more, connections are not read: the senders wait. */
export class StreamListener implements Component, Source {
  readonly #parts: Parts
  readonly #via: 'tcp' | 'tls'
  readonly #handshakes: Handshakes | undefined
  readonly #connections = new Map<Socket, { readonly reading: Reading; readonly sender: Sender }>()
  readonly #ofAddress: AddressLimit
  #server: Server | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#ofAddress = new AddressLimit(parts.most?.ofAddress ?? MOST_OF_ADDRESS)
    this.#via = parts.tls ? 'tls' : 'tcp'
    this.#handshakes =
      parts.tls &&
      new Handshakes({
        ...parts.tls,
        most: parts.most?.handshakes ?? MOST_HANDSHAKES,
        onSecured: connection => this.#serve(connection),
        onFailed: () => parts.intake.drop('tls-handshake')
      })
  }

  /** Takes a certificate, or another one: connections that are there keep theirs. */
  use(context: SecureContextOptions): void {
    this.#handshakes?.use(context)
  }

  get name(): string {
    return `hep ${this.#via}`
  }

  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address ? address.port : this.#parts.port
  }

  get connections(): number {
    return this.#connections.size
  }

  async start(): Promise<void> {
    const { port, intake } = this.#parts
    const server = await onEveryAddress(this.#parts.host, async host => {
      const bound = createServer(connection => this.#accept(connection))
      await listening(this.#via === 'tcp' ? 'TCP' : 'TLS', host, port, bound, () => bound.listen(port, host))
      return bound
    })
    server.maxConnections = MOST_CONNECTIONS
    server.on('drop', () => intake.drop('connection-refused'))
    server.on('error', () => intake.drop('socket-error'))
    this.#server = server
  }

  /** What the kernel has received of the open connections is read before they are closed. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    this.#handshakes?.abandon()
    await Promise.all([...this.#connections.keys()].map(drained))
    await closed
  }

  /** Ends the connections of those who may not send any more. */
  recheck(): void {
    for (const [connection, { sender }] of this.#connections) {
      if (this.#parts.access.allows(sender)) continue
      this.#parts.intake.drop('connection-not-allowed')
      connection.destroy()
    }
  }

  unreadAfter(): EpochMicros | undefined {
    let least: EpochMicros | undefined
    for (const [connection, { reading }] of this.#connections) {
      const after = reading.unreadAfter(connection.isPaused())
      if (after !== undefined && (least === undefined || after < least)) least = after
    }
    return least
  }

  #accept(connection: Socket): void {
    const refused = this.#whyRefused(connection)
    if (refused !== undefined) {
      this.#parts.intake.drop(refused)
      connection.destroy()
    } else if (this.#handshakes) this.#handshakes.begin(connection)
    else this.#serve(connection)
  }

  #whyRefused(connection: Socket): SocketDrop | undefined {
    const { access } = this.#parts
    const sender = access.source(connection.remoteAddress ?? '')
    if (!access.allows(sender)) return 'connection-not-allowed'
    if (this.#handshakes?.isFull) return 'too-many-handshakes'
    return this.#ofAddress.admits(connection, sender.address) ? undefined : 'too-many-connections'
  }

  #serve(connection: Socket): void {
    const { intake, packer, access } = this.#parts
    const sender = access.source(connection.remoteAddress ?? '')
    const framer = new HepFramer()
    const reading = new Reading()
    this.#connections.set(connection, { reading, sender })
    connection.setTimeout(IDLE_MS, () => connection.destroy())
    connection.on('error', () => intake.drop('connection-error'))
    connection.on('close', () => this.#connections.delete(connection))
    const noteSize = this.#turns(reading)
    connection.on('data', (bytes: Buffer) => {
      noteSize(bytes.length)
      const { losses, skippedBytes } = framer
      for (const frame of framer.push(bytes)) reading.note(intake.take(frame, this.#via, sender))
      if (framer.losses > losses)
        intake.refuse('lost-boundary', this.#via, framer.skippedBytes - skippedBytes, framer.losses - losses)
      if (packer.isFull) {
        connection.pause()
        void packer.flush().then(() => connection.resume())
      }
    })
  }

  /** Told the size of each piece, finds out whether a connection may have more. Of TLS, a turn brings many small ones. */
  #turns(reading: Reading): (bytes: number) => void {
    const full = FULL_TURN[this.#via]
    if (this.#via === 'tcp') {
      return bytes => {
        if (bytes >= full) reading.mayHaveMore = true
      }
    }
    let inTurn = 0
    return bytes => {
      if (inTurn === 0) setImmediate(() => (inTurn = 0))
      inTurn += bytes
      if (inTurn >= full) reading.mayHaveMore = true
    }
  }
}

/** Says that no more is taken, reads on until nothing has come for a moment or the other side ends, then closes. */
async function drained(connection: Socket): Promise<void> {
  const deadline = setTimeout(() => connection.destroy(), MOST_MS)
  await new Promise<void>(resolve => {
    connection.once('close', () => resolve())
    connection.removeAllListeners('timeout')
    connection.setTimeout(GAP_MS, () => {
      // While it waits for the log, what it has is still unread.
      if (connection.isPaused()) connection.setTimeout(GAP_MS)
      else connection.destroy()
    })
    connection.end()
  })
  clearTimeout(deadline)
}

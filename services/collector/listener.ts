import { createSocket, type Socket } from 'node:dgram'
import { createServer, isIPv6, type Server, type Socket as Connection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { HepFramer } from '@earshot/hep'
import type { Component, Config } from '@earshot/runtime'
import { catalogue, type Metrics } from '@earshot/telemetry'
import type { EpochMicros } from '@earshot/units'
import type { Intake } from './intake.ts'
import type { Packer } from './packer.ts'
import type { Source } from './ticker.ts'

/** A connection that sends nothing for this long is closed: its agent is gone. */
const IDLE_MS = 600_000
const MOST_CONNECTIONS = 10_000

/** What a socket gives in one turn of the event loop when it may have more (libuv). */
const FULL_CHUNK = 64 << 10
const FULL_TURN = 32

/** When a listener stops: nothing more is on its way when nothing has come for so long. */
const GAP_MS = 50
const MOST_MS_UDP = 1000
const MOST_MS_TCP = 2000

/** HEP over UDP. A datagram that the log cannot take any more is dropped and counted. */
export class UdpListener implements Component, Source {
  readonly name = 'hep udp'
  readonly #config: Config['hep']
  readonly #intake: Intake
  readonly #packer: Packer
  readonly #reading = new Reading()
  #socket: Socket | undefined
  #received = 0
  #inTurn = 0

  constructor(config: Config['hep'], intake: Intake, packer: Packer) {
    this.#config = config
    this.#intake = intake
    this.#packer = packer
  }

  get port(): number {
    return this.#socket?.address().port ?? this.#config.udpPort
  }

  async start(): Promise<void> {
    const { udpPort, receiveBufferBytes } = this.#config
    this.#socket = await onEveryAddress(this.#config.host, async host => {
      const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: receiveBufferBytes })
      await listening('UDP', host, udpPort, socket, () => socket.bind(udpPort, host))
      return socket
    })
    this.#socket.on('error', () => this.#intake.drop('socket-error'))
    this.#socket.on('message', datagram => this.#take(datagram))
  }

  /** What the kernel has received is read before the socket is closed. */
  async stop(): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    if (!socket) return
    const deadline = performance.now() + MOST_MS_UDP
    for (let before = -1; this.#received > before && performance.now() < deadline;) {
      before = this.#received
      await sleep(GAP_MS)
    }
    await new Promise<void>(resolve => socket.close(() => resolve()))
  }

  unreadAfter(): EpochMicros | undefined {
    return this.#reading.unreadAfter(this.#inTurn >= FULL_TURN)
  }

  #take(datagram: Buffer): void {
    this.#received++
    if (this.#inTurn++ === 0) setImmediate(() => this.#endTurn())
    if (this.#packer.isFull) this.#intake.refuse('overload', 'udp', datagram.length)
    else this.#reading.note(this.#intake.take(datagram, 'udp'))
  }

  #endTurn(): void {
    if (this.#inTurn >= FULL_TURN) this.#reading.mayHaveMore = true
    this.#inTurn = 0
  }
}

/** HEP over TCP. While the log cannot take more, connections are not read: the senders wait. */
export class TcpListener implements Component, Source {
  readonly name = 'hep tcp'
  readonly #config: Config['hep']
  readonly #intake: Intake
  readonly #packer: Packer
  readonly #connections = new Map<Connection, Reading>()
  #server: Server | undefined

  constructor(config: Config['hep'], intake: Intake, packer: Packer, metrics: Metrics) {
    this.#config = config
    this.#intake = intake
    this.#packer = packer
    metrics.observe(catalogue.hepConnections, tell => tell(this.#connections.size))
  }

  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address ? address.port : this.#config.tcpPort
  }

  async start(): Promise<void> {
    const { tcpPort } = this.#config
    const server = await onEveryAddress(this.#config.host, async host => {
      const bound = createServer(connection => this.#serve(connection))
      await listening('TCP', host, tcpPort, bound, () => bound.listen(tcpPort, host))
      return bound
    })
    server.maxConnections = MOST_CONNECTIONS
    server.on('drop', () => this.#intake.drop('connection-refused'))
    server.on('error', () => this.#intake.drop('socket-error'))
    this.#server = server
  }

  /** What the kernel has received of the open connections is read before they are closed. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    await Promise.all([...this.#connections.keys()].map(drained))
    await closed
  }

  unreadAfter(): EpochMicros | undefined {
    let least: EpochMicros | undefined
    for (const [connection, reading] of this.#connections) {
      const after = reading.unreadAfter(connection.isPaused())
      if (after !== undefined && (least === undefined || after < least)) least = after
    }
    return least
  }

  #serve(connection: Connection): void {
    const framer = new HepFramer()
    const reading = new Reading()
    this.#connections.set(connection, reading)
    connection.setTimeout(IDLE_MS, () => connection.destroy())
    connection.on('error', () => this.#intake.drop('connection-error'))
    connection.on('close', () => this.#connections.delete(connection))
    connection.on('data', (bytes: Buffer) => {
      if (bytes.length >= FULL_CHUNK) reading.mayHaveMore = true
      const { losses, skippedBytes } = framer
      for (const frame of framer.push(bytes)) reading.note(this.#intake.take(frame, 'tcp'))
      if (framer.losses > losses)
        this.#intake.refuse('lost-boundary', 'tcp', framer.skippedBytes - skippedBytes, framer.losses - losses)
      if (this.#packer.isFull) {
        connection.pause()
        void this.#packer.flush().then(() => connection.resume())
      }
    })
  }
}

/** How far one socket was read. */
class Reading {
  /** It gave all that one turn takes since it was last asked. */
  mayHaveMore = false
  #newest: EpochMicros | undefined

  /** Of a packet whose time is not believed nothing is noted. */
  note(time: EpochMicros | undefined): void {
    if (time !== undefined && (this.#newest === undefined || time > this.#newest)) this.#newest = time
  }

  unreadAfter(hasMore: boolean): EpochMicros | undefined {
    const unread = hasMore || this.mayHaveMore
    this.mayHaveMore = false
    return unread ? this.#newest : undefined
  }
}

/** Says that no more is taken, reads on until nothing has come for a moment or the other side ends, then closes. */
async function drained(connection: Connection): Promise<void> {
  const deadline = setTimeout(() => connection.destroy(), MOST_MS_TCP)
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

/** Where the machine has no IPv6, every address is every IPv4 address. */
async function onEveryAddress<Bound>(host: string, bind: (host: string) => Promise<Bound>): Promise<Bound> {
  return bind(host).catch((error: unknown) => {
    const { code } = (error as Error).cause as NodeJS.ErrnoException
    if (host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' || code === 'EINVAL'))
      return bind('0.0.0.0')
    throw error
  })
}

async function listening(
  what: 'UDP' | 'TCP',
  host: string,
  port: number,
  socket: Socket | Server,
  bind: () => void
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const emitter: NodeJS.EventEmitter = socket
    emitter.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? `another process has that port; stop it or choose another with --hep-${what.toLowerCase()}-port`
          : cause.message
      reject(new Error(`HEP cannot listen on ${what} ${host} port ${port}: ${why}`, { cause }))
    })
    emitter.once('listening', () => resolve())
    bind()
  })
}

import { createSocket, type Socket } from 'node:dgram'
import { createServer, isIPv6, type Server, type Socket as Connection } from 'node:net'
import { HepFramer } from '@earshot/hep'
import type { Component, Config } from '@earshot/runtime'
import { catalogue, type Metrics } from '@earshot/telemetry'
import type { Intake } from './intake.ts'
import type { Packer } from './packer.ts'

/** A connection that sends nothing for this long is closed: its agent is gone. */
const IDLE_MS = 600_000

/** HEP over UDP. A datagram that the log cannot take any more is dropped and counted. */
export class UdpListener implements Component {
  readonly name = 'hep udp'
  readonly #config: Config['hep']
  readonly #intake: Intake
  readonly #packer: Packer
  #socket: Socket | undefined

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
    this.#socket.on('message', datagram => {
      if (this.#packer.isFull) this.#intake.drop('overload')
      else this.#intake.take(datagram, 'udp')
    })
  }

  async stop(): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    if (socket) await new Promise<void>(resolve => socket.close(() => resolve()))
  }
}

/** HEP over TCP. While the log cannot take more, connections are not read: the senders wait. */
export class TcpListener implements Component {
  readonly name = 'hep tcp'
  readonly #config: Config['hep']
  readonly #intake: Intake
  readonly #packer: Packer
  readonly #connections = new Set<Connection>()
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
    this.#server = await onEveryAddress(this.#config.host, async host => {
      const server = createServer(connection => this.#serve(connection))
      await listening('TCP', host, tcpPort, server, () => server.listen(tcpPort, host))
      return server
    })
  }

  /** What the kernel has received of the open connections is read before they are closed. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    await Promise.all([...this.#connections].map(drained))
    await closed
  }

  #serve(connection: Connection): void {
    const framer = new HepFramer()
    this.#connections.add(connection)
    connection.setTimeout(IDLE_MS, () => connection.destroy())
    connection.on('error', () => this.#intake.drop('connection-error'))
    connection.on('close', () => this.#connections.delete(connection))
    connection.on('data', (bytes: Buffer) => {
      const losses = framer.losses
      for (const frame of framer.push(bytes)) this.#intake.take(frame, 'tcp')
      if (framer.losses > losses) this.#intake.drop('lost-boundary', framer.losses - losses)
      if (this.#packer.isFull) {
        connection.pause()
        void this.#packer.flush().then(() => connection.resume())
      }
    })
  }
}

/** Reads on until nothing has come for a moment, then closes. */
async function drained(connection: Connection): Promise<void> {
  await new Promise<void>(resolve => {
    connection.setTimeout(50, () => connection.destroy())
    connection.once('close', () => resolve())
  })
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

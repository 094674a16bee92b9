import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls'

/** An agent that has not shown who it is for so long is not waited for. */
const HANDSHAKE_MS = 10_000

type Parts = {
  /** Refuses agents that show no certificate of the authorities (mTLS). */
  readonly asksForCertificates: boolean
  /** How many may be under way. */
  readonly most: number
  readonly onSecured: (connection: TLSSocket) => void
  readonly onFailed: () => void
}

/** Makes TLS of connections that were accepted, before anything of them is read. */
export class Handshakes {
  readonly #parts: Parts
  readonly #underWay = new Map<string, Socket>()
  #server: Server | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Takes a certificate, or another one: connections that are there keep theirs. To be called before `begin`. */
  use(context: SecureContextOptions): void {
    if (this.#server) this.#server.setSecureContext(context)
    else this.#server = this.#serverOf(context)
  }

  /** No more should begin. */
  get isFull(): boolean {
    return this.#underWay.size >= this.#parts.most
  }

  begin(connection: Socket): void {
    const key = keyOf(connection)
    this.#underWay.set(key, connection)
    connection.once('close', () => {
      if (this.#underWay.get(key) === connection) this.#underWay.delete(key)
    })
    this.#server!.emit('connection', connection)
  }

  /** Ends those that have not come to their end. */
  abandon(): void {
    for (const connection of this.#underWay.values()) connection.destroy()
  }

  #serverOf(context: SecureContextOptions): Server {
    const { asksForCertificates, onSecured, onFailed } = this.#parts
    const server = createServer({
      ...context,
      requestCert: asksForCertificates,
      rejectUnauthorized: asksForCertificates,
      handshakeTimeout: HANDSHAKE_MS
    })
    server.on('tlsClientError', () => onFailed())
    server.on('secureConnection', connection => {
      this.#underWay.delete(keyOf(connection))
      onSecured(connection)
    })
    return server
  }
}

/** What the socket below and the one of TLS over it have in common. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

import { readFileSync } from 'node:fs'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { loginWith } from './kafka-login.ts'
import { createLogger, logLevel, type KafkaConfig } from './kafkajs.ts'

export type KafkaTls = {
  /** PEM text, or the path of a file that has it. Without `ca` the authorities that Node knows. */
  readonly ca?: string
  /** The client's own, for mTLS. */
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  /** The name that the brokers' certificates must have, where it is not that of their address. */
  readonly serverName?: string
}

export type KafkaSasl = {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** How to reach Kafka. */
export type KafkaConnection = {
  /** `host:port` of some nodes; they tell the others. */
  readonly brokers: readonly string[]
  /** Default `earshot`. */
  readonly clientId?: string
  /** Absent: no TLS. An empty object: TLS with the authorities that Node knows. */
  readonly tls?: KafkaTls
  readonly sasl?: KafkaSasl
  /** Told what the client warns of, in its words. Default: nobody. */
  readonly onWarning?: (message: string) => void
}

/** A request is answered within this, or its connection is given up. */
const requestTimeoutMs = 8000

/** As kafkajs takes it, whose own retries are short, for those who call it retry. Reads the files of certificates. */
export function kafkaConfig(connection: KafkaConnection): KafkaConfig {
  const { brokers, clientId = 'earshot', tls, sasl, onWarning } = connection
  return {
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3000,
    authenticationTimeout: 5000,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 500 },
    logLevel: onWarning === undefined ? logLevel.NOTHING : logLevel.WARN,
    logCreator:
      () =>
      ({ log }) =>
        onWarning?.(log.message),
    ...(tls !== undefined && { ssl: tlsOptions(tls) }),
    ...(sasl !== undefined && { sasl: loginWith(sasl) })
  }
}

/** What a Cluster takes beside `kafkaConfig`. `opened` is told each socket. */
export function clusterConfig(connection: KafkaConnection, opened: (socket: Socket) => void): object {
  const config = kafkaConfig(connection)
  const { logCreator, logLevel: level, ...rest } = config
  return {
    ...rest,
    logger: createLogger({ level: level!, logCreator: logCreator as never }),
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    isolationLevel: 1,
    socketFactory: (target: SocketTarget) => {
      const socket = openSocket(target)
      opened(socket)
      return socket
    }
  }
}

type SocketTarget = {
  readonly host: string
  readonly port: number
  readonly ssl: ConnectionOptions | null
  readonly onConnect: () => void
}

function openSocket({ host, port, ssl, onConnect }: SocketTarget): Socket {
  const socket =
    ssl === null
      ? connect({ host, port }, onConnect)
      : connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
  socket.setMaxListeners(0) // kafkajs ends a socket once for each request on it, and each adds a listener.
  return socket.setKeepAlive(true, 60_000).setNoDelay(true)
}

function tlsOptions({ ca, cert, key, passphrase, serverName }: KafkaTls): ConnectionOptions {
  return {
    ...(ca !== undefined && { ca: pem(ca) }),
    ...(cert !== undefined && { cert: pem(cert) }),
    ...(key !== undefined && { key: pem(key) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(serverName !== undefined && { servername: serverName })
  }
}

const pem = (textOrPath: string): string =>
  textOrPath.includes('-----BEGIN') ? textOrPath : readFileSync(textOrPath, 'utf8')

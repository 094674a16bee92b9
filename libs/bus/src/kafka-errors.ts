import type { KafkaConnection } from './kafka-connection.ts'
import type { KafkaError } from './kafkajs.ts'

/** Kafka, or the way to it, failed: not the stage, and not we. */
export class KafkaFailure extends Error {
  /** Whether it makes sense to try again without anybody's doing. */
  readonly passing: boolean

  constructor(message: string, passing: boolean, cause?: unknown) {
    super(message, { cause })
    this.passing = passing
  }
}

/** Kafka takes nothing more of what was begun, and has committed nothing of it. Whether there is a successor it does not say. */
export class Fenced extends KafkaFailure {
  constructor(transactionalId: string, cause: unknown) {
    super(`${transactionalId} is fenced: another member has taken over, or its transaction took too long`, true, cause)
  }
}

/** Kafka does not take what it was given, however often it is given it. */
export class Refused extends KafkaFailure {
  /** It was about a record, and not about all that is asked so. */
  readonly isOfRecord: boolean

  constructor(message: string, cause: unknown) {
    super(message, false, cause)
    this.isOfRecord = ofRecords.has(codeOf(cause) ?? '')
  }
}

const ofRecords = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])

/** The code by the protocol's name that a node answered with. */
export const codeOf = (error: unknown): string | undefined => first(error, ({ type }) => type)

/** The code by which Node names what failed below the protocol: of a connection, of TLS, of a certificate. */
const nodeCodeOf = (error: unknown): string | undefined =>
  first(error, ({ code }) => (typeof code === 'string' ? code : undefined))

/** Of the error, or else of what caused it. */
function first(error: unknown, pick: (error: KafkaError) => string | undefined): string | undefined {
  const { cause } = error as KafkaError
  return pick(error as KafkaError) ?? (cause === undefined || cause === error ? undefined : first(cause, pick))
}

/**
 * What went wrong, in a line that says what to do.
 *
 * Only codes decide whether it is passing, never words: what closed, timed out or was not reached can be a node that is
 * being restarted, whatever its TLS and logins, and words hold the names of hosts.
 */
export function failureOf(error: unknown, connection: KafkaConnection): KafkaFailure {
  if (error instanceof KafkaFailure) return error
  const { brokers, sasl, tls } = connection
  const said = error instanceof Error ? error.message : String(error)
  const at = brokers.join(', ')
  const code = codeOf(error)
  const make = (message: string, passing: boolean) => new KafkaFailure(message, passing, error)
  if (code?.includes('SASL')) {
    return make(
      sasl === undefined
        ? `Kafka at ${at} wants a login; set a SASL mechanism, user and password (${said})`
        : `Kafka at ${at} refused the login of ${sasl.username} by ${sasl.mechanism}; check user, password and mechanism`,
      false
    )
  }
  if (code?.endsWith('AUTHORIZATION_FAILED')) {
    return make(`Kafka does not allow ${sasl?.username ?? 'this client'} to do this; check its ACLs (${said})`, false)
  }
  if (refusedTls.test(nodeCodeOf(error) ?? '')) {
    return make(
      `no TLS connection to Kafka at ${at}; check the certificates${tls ? '' : ' and that TLS is on'} (${said})`,
      false
    )
  }
  if (permanent.has(code ?? '')) return new Refused(`Kafka refused a request: ${said}`, error)
  if (mistakes.has((error as Error).name)) return make(`Earshot could not work with Kafka: ${said}`, false)
  if (code === undefined) return make(`Kafka cannot be reached at ${at} (${said})${hintOn(said, connection)}`, true)
  return make(`Kafka cannot work a request now: ${said}`, true)
}

/** What it may be when it does not pass. */
function hintOn(said: string, { sasl, tls }: KafkaConnection): string {
  if (sasl !== undefined && /authentication failed/i.test(said)) return '; check user, password and mechanism'
  if (/before secure TLS connection/i.test(said)) return '; check the certificates, and that its listener has TLS'
  if (tls === undefined && /closed connection/i.test(said)) return '; does its listener want TLS?'
  return ''
}

/**
 * Node's codes of certificates that are not accepted, of either side, and of TLS that the two cannot agree on. Not among
 * them: an internal error of the other side, and connections that end during the handshake.
 */
const refusedTls =
  /^(ERR_TLS_CERT_|CERT_|ERROR_IN_CERT_|UNABLE_TO_.*(CERT|ISSUER|SIGNATURE)|(INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)$|ERR_SSL_(?!.*INTERNAL_ERROR).*(VERSION|PROTOCOL|ALERT))|SELF_SIGNED/

/** Ours, and not Kafka's: nothing becomes better by trying again. */
const mistakes = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'])

const permanent = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'UNSUPPORTED_VERSION',
  'INVALID_TRANSACTION_TIMEOUT',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'INVALID_RECORD',
  'INVALID_SESSION_TIMEOUT',
  'INCONSISTENT_GROUP_PROTOCOL'
])

/** Codes by which a node says that it takes nothing more of the producer: it has a successor, or its transaction took too long. */
export const isFencing = (error: unknown): boolean => fencing.has(codeOf(error) ?? '')

const fencing = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING'])

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

/** Another member has taken the partition over: nothing that this one had begun is committed. */
export class Fenced extends KafkaFailure {
  constructor(transactionalId: string, cause: unknown) {
    super(`another member has taken over ${transactionalId}`, true, cause)
  }
}

/** Kafka does not take what it was given, however often it is given it. */
export class Refused extends KafkaFailure {
  constructor(message: string, cause: unknown) {
    super(message, false, cause)
  }
}

/** The code by the protocol's name that a node answered with. */
export const codeOf = (error: unknown): string | undefined => {
  const { type, cause } = error as KafkaError
  return type ?? (cause === undefined || cause === error ? undefined : codeOf(cause))
}

/** What went wrong, in a line that says what to do. */
export function failureOf(error: unknown, { brokers, sasl, tls }: KafkaConnection): KafkaFailure {
  if (error instanceof KafkaFailure) return error
  const said = error instanceof Error ? error.message : String(error)
  const at = brokers.join(', ')
  const code = codeOf(error)
  const make = (message: string, passing: boolean) => new KafkaFailure(message, passing, error)
  if (code?.includes('SASL') || /SASL|SCRAM|authenticat/i.test(said)) {
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
  if (/certificate|TLS|SSL|wrong version number|altname|Client network socket disconnected before secure/i.test(said)) {
    return make(
      `no TLS connection to Kafka at ${at}; check the certificates${tls ? '' : ' and that TLS is on'} (${said})`,
      false
    )
  }
  if (permanent.has(code ?? '')) return new Refused(`Kafka refused a request: ${said}`, error)
  if (mistakes.has((error as Error).name)) return make(`Earshot could not work with Kafka: ${said}`, false)
  if (code === undefined) {
    const hint = tls === undefined && /closed connection/i.test(said) ? '; does its listener want TLS?' : ''
    return make(`Kafka cannot be reached at ${at} (${said})${hint}`, true)
  }
  return make(`Kafka cannot work a request now: ${said}`, true)
}

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

/** Codes by which a node says that the producer has a successor. */
export const isFencing = (error: unknown): boolean => fencing.has(codeOf(error) ?? '')

const fencing = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING'])

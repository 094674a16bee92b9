import { expect, it } from '@jest/globals'
import { failureOf, Fenced, isFencing } from './kafka-errors.ts'
import type { KafkaConnection } from './kafka-connection.ts'

const plain: KafkaConnection = { brokers: ['kafka:9092'] }
const login: KafkaConnection = { ...plain, sasl: { mechanism: 'plain', username: 'alice', password: 'secret' } }
const secure: KafkaConnection = { brokers: ['kafka-tls-1:9093'], tls: {}, sasl: login.sasl! }
const coded = (type: string) => Object.assign(new Error(type.toLowerCase()), { type })

/** As kafkajs gives on what a socket says. */
const ofNode = (code: string, message: string) =>
  new Error(message, { cause: Object.assign(new Error(message), { code }) })

it.each([
  {
    name: 'no answer',
    error: new Error('connect ECONNREFUSED'),
    connection: plain,
    says: 'cannot be reached at kafka:9092',
    passing: true
  },
  {
    name: 'a wrong login',
    error: coded('SASL_AUTHENTICATION_FAILED'),
    connection: login,
    says: 'refused the login of alice by plain',
    passing: false
  },
  {
    name: 'a missing login',
    error: coded('ILLEGAL_SASL_STATE'),
    connection: plain,
    says: 'wants a login',
    passing: false
  },
  {
    name: 'a missing right',
    error: coded('TOPIC_AUTHORIZATION_FAILED'),
    connection: login,
    says: 'does not allow alice',
    passing: false
  },
  {
    name: 'a certificate',
    error: ofNode('DEPTH_ZERO_SELF_SIGNED_CERT', 'Connection error: self-signed certificate'),
    connection: secure,
    says: 'no TLS connection',
    passing: false
  },
  { name: 'a large record', error: coded('MESSAGE_TOO_LARGE'), connection: plain, says: 'refused', passing: false },
  {
    name: 'a leader that moved',
    error: coded('NOT_LEADER_FOR_PARTITION'),
    connection: plain,
    says: 'cannot work a request now',
    passing: true
  },
  {
    name: 'a closed connection',
    error: new Error('Closed connection'),
    connection: plain,
    says: 'does its listener want TLS?',
    passing: true
  },
  {
    name: 'a mistake of ours',
    error: new TypeError('undefined'),
    connection: plain,
    says: 'Earshot could not',
    passing: false
  }
])('$name is told in one line', ({ error, connection, says, passing }) => {
  const failure = failureOf(error, connection)
  expect(failure.message).toContain(says)
  expect(failure.message).not.toContain('secret')
  expect(failure.passing).toBe(passing)
  expect(failureOf(failure, connection)).toBe(failure)
})

it.each([
  ['CERT_HAS_EXPIRED', false],
  ['SELF_SIGNED_CERT_IN_CHAIN', false],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', false],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', false],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', false],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', false],
  ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', true],
  ['ERR_SSL_UNEXPECTED_EOF_WHILE_READING', true],
  ['ECONNRESET', true],
  ['ENOTFOUND', true]
])('by the code %s of Node it is passing: %s', (code, passing) => {
  expect(failureOf(ofNode(code, `Connection error: ${code}`), secure).passing).toBe(passing)
})

it.each([
  ['Client network socket disconnected before secure TLS connection was established', 'check the certificates'],
  ['Request SaslHandshake(key: 17, version: 1) timed out', 'cannot be reached'],
  ['SASL PLAIN authentication failed: Closed connection', 'check user, password'],
  ['SASL SCRAM SHA512 authentication failed: Connection closed by the server', 'check user, password'],
  ['getaddrinfo EAI_AGAIN sasl-broker-0', 'cannot be reached'],
  ['Connection timeout', 'cannot be reached']
])('"%s" can pass: a node is being restarted', (message, says) => {
  const failure = failureOf(new Error(message), secure)
  expect(failure.message).toContain(says)
  expect(failure.passing).toBe(true)
})

it('knows a fence through what wraps it', () => {
  expect(isFencing(failureOf(coded('INVALID_PRODUCER_EPOCH'), plain))).toBe(true)
  expect(isFencing(coded('NOT_COORDINATOR'))).toBe(false)
  expect(failureOf(new Fenced('id', undefined), plain)).toBeInstanceOf(Fenced)
})

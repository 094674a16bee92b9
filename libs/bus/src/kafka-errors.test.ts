import { expect, it } from '@jest/globals'
import { failureOf, Fenced, isFencing } from './kafka-errors.ts'
import type { KafkaConnection } from './kafka-connection.ts'

const plain: KafkaConnection = { brokers: ['kafka:9092'] }
const login: KafkaConnection = { ...plain, sasl: { mechanism: 'plain', username: 'alice', password: 'secret' } }
const coded = (type: string) => Object.assign(new Error(type.toLowerCase()), { type })

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
    error: new Error('self-signed certificate'),
    connection: plain,
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

it('knows a fence through what wraps it', () => {
  expect(isFencing(failureOf(coded('INVALID_PRODUCER_EPOCH'), plain))).toBe(true)
  expect(isFencing(coded('NOT_COORDINATOR'))).toBe(false)
  expect(failureOf(new Fenced('id', undefined), plain)).toBeInstanceOf(Fenced)
})

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { describeKafka } from '../../../test/describe-kafka.ts'
import { KafkaBroker } from '../../../test/kafka-broker.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { makeTopics } from './kafka-fixture.ts'
import { KafkaLog } from './kafka-log.ts'
import { numbered, numbersIn, runningSum, sumsOf } from './numbers.ts'

const folder = temporaryFolder()
const file = (name: string): string => join(folder, name)

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** Makes NAME.pem and NAME.key, signed by the authority. */
function certify(name: string, extension: string): void {
  writeFileSync(file(`${name}.ext`), extension)
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`
  )
  const signed = [
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-extfile',
    `${name}.ext`
  ]
  openssl('x509', '-req', ...signed, '-days', '2', '-out', `${name}.pem`)
}

function serverCertificates(): Record<string, string> {
  const authority = ['-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority', '-days', '2']
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...authority)
  certify('broker', 'subjectAltName=IP:127.0.0.1')
  certify('client', 'extendedKeyUsage=clientAuth')
  writeFileSync(
    file('broker.both'),
    readFileSync(file('broker.key'), 'utf8') + readFileSync(file('broker.pem'), 'utf8')
  )
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': file('broker.both'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': file('ca.pem')
  }
}

async function sumsUp(connection: KafkaConnection, prefix: string): Promise<void> {
  await makeTopics({ ...connection, prefix }, { in: 1, out: 1 }, { in: ['sum'] })
  const log = new KafkaLog({ ...connection, prefix })
  await log.start()
  await log.append('in', numbered(1, 30))
  const run = log.run({ input: 'in', group: 'sum', stage: () => runningSum() })
  await run.start()
  await run.stop()
  expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 30))
  await log.stop()
}

/** What the start of a log says that cannot be started, and that it does not take long. */
async function refusal(connection: KafkaConnection): Promise<string> {
  const started = performance.now()
  const log = new KafkaLog(connection)
  const error = await log.start().catch((reason: unknown) => reason)
  await log.stop()
  expect(performance.now() - started).toBeLessThan(15_000)
  return error instanceof Error ? error.message : 'it started'
}

describeKafka('with logins and TLS', () => {
  let kafka: KafkaBroker
  let tls: KafkaConnection

  const login = (mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512', password = 'secret'): KafkaConnection => {
    return { ...tls, sasl: { mechanism, username: 'alice', password } }
  }

  beforeAll(async () => {
    const certificates = serverCertificates()
    const listener = 'listener.name.client'
    const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
    kafka = await KafkaBroker.start({
      protocol: 'SASL_SSL',
      properties: {
        ...certificates,
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
        [`${listener}.plain.sasl.jaas.config`]:
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";',
        [`${listener}.scram-sha-256.sasl.jaas.config`]: scram,
        [`${listener}.scram-sha-512.sasl.jaas.config`]: scram
      },
      scram: ['SCRAM-SHA-256=[name=alice,password=secret]', 'SCRAM-SHA-512=[name=alice,password=secret]']
    })
    tls = { brokers: kafka.brokers, tls: { ca: file('ca.pem') } }
  }, 120_000)

  afterAll(() => kafka.stop())

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'a log works by %s',
    async mechanism => {
      await sumsUp(login(mechanism), `${mechanism}.`)
    },
    30_000
  )

  describe('the start is refused in one line', () => {
    it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
      'for a wrong password by %s',
      async mechanism => {
        expect(await refusal(login(mechanism, 'wrong'))).toContain(`refused the login of alice by ${mechanism}`)
      },
      30_000
    )

    it('without a login', async () => {
      expect(await refusal(tls)).toMatch(/login|cannot be reached/)
    }, 30_000)

    it('with an authority that did not sign', async () => {
      const wrong = { ...login('plain'), tls: { ca: readFileSync(file('client.pem'), 'utf8') } }
      expect(await refusal(wrong)).toContain('check the certificates')
    }, 30_000)

    it('with another name than the certificate has', async () => {
      const wrong = { ...login('plain'), tls: { ca: file('ca.pem'), serverName: 'kafka.example' } }
      expect(await refusal(wrong)).toContain('check the certificates')
    }, 30_000)

    it('without TLS', async () => {
      const { brokers, sasl } = login('plain')
      expect(await refusal({ brokers, ...(sasl !== undefined && { sasl }) })).toContain('TLS')
    }, 30_000)
  })
})

describeKafka('with certificates of clients', () => {
  let kafka: KafkaBroker

  beforeAll(async () => {
    kafka = await KafkaBroker.start({
      protocol: 'SSL',
      properties: { ...serverCertificates(), 'listener.name.client.ssl.client.auth': 'required' }
    })
  }, 120_000)

  afterAll(() => kafka.stop())

  it('a log works with one', async () => {
    const tls = { ca: file('ca.pem'), cert: file('client.pem'), key: file('client.key') }
    await sumsUp({ brokers: kafka.brokers, tls }, 'mtls.')
  }, 30_000)

  it('the start is refused without one', async () => {
    expect(await refusal({ brokers: kafka.brokers, tls: { ca: file('ca.pem') } })).toContain('check the certificates')
  }, 30_000)
})

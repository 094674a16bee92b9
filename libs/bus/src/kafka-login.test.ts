import { expect, it } from '@jest/globals'
import { codeOf } from './kafka-errors.ts'
import { loginWith } from './kafka-login.ts'

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

/** What a login rejects with when the node's answer is this error. */
async function refusal(mechanism: (typeof mechanisms)[number], error: Error): Promise<unknown> {
  const { authenticationProvider } = loginWith({ mechanism, username: 'alice', password: 'secret' })
  const quiet = { debug: () => undefined, error: () => undefined }
  const parts = { host: 'kafka', port: 9092, logger: quiet, saslAuthenticate: () => Promise.reject(error) }
  const login = authenticationProvider(parts as never)
  return login.authenticate().catch((reason: unknown) => reason)
}

it.each(mechanisms)('a login by %s that fails has what the node answered as its cause', async mechanism => {
  const refused = Object.assign(new Error('invalid credentials'), { type: 'SASL_AUTHENTICATION_FAILED' })
  const closed = new Error('Closed connection')
  expect(codeOf(await refusal(mechanism, refused))).toBe('SASL_AUTHENTICATION_FAILED')
  expect(await refusal(mechanism, closed)).toHaveProperty('cause', closed)
})

import type { KafkaSasl } from './kafka-connection.ts'
import { logins, type Mechanism } from './kafkajs.ts'

/**
 * kafkajs' way to log in, with what the node answered as the cause of a failure. Its own error has only the words of that,
 * by which a refused login cannot be told from a connection that closed.
 */
export function loginWith(sasl: KafkaSasl): Mechanism {
  const { mechanism } = sasl
  return {
    mechanism,
    authenticationProvider: parts => {
      let cause: unknown
      const login = logins[mechanism](sasl)({
        ...parts,
        saslAuthenticate: request =>
          parts.saslAuthenticate(request).catch((error: unknown) => {
            cause = error
            throw error
          })
      })
      const authenticate = () =>
        login.authenticate().catch((error: Error) => {
          throw Object.assign(error, { cause })
        })
      return { authenticate }
    }
  }
}

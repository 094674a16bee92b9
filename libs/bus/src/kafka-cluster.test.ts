import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, it } from '@jest/globals'
import { KafkaCluster } from './kafka-cluster.ts'
import type { KafkaFailure } from './kafka-errors.ts'

it('a listener that closes in the handshake of TLS may come back', async () => {
  const server = createServer(socket => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cluster = new KafkaCluster({ brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`], tls: {} })
  const failure = await cluster.nodes().catch((error: KafkaFailure) => error)
  expect(failure).toHaveProperty('passing', true)
  expect(failure).toHaveProperty('message', expect.stringContaining('check the certificates'))
  cluster.close()
  server.close()
})

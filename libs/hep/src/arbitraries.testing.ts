import { epochMicros, ipv4Text, ipv6Text } from '@earshot/units'
import fc from 'fast-check'
import type { HepFields } from './packet.ts'

/** Fields as they can come out of a frame, for the laws that tests state. */

const address4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(bytes => ipv4Text(bytes, 0))

/** Zeros often, so that runs of them are met. */
const address6 = fc
  .array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 })
  .map(bytes => ipv6Text(Uint8Array.from(bytes), 0))

const port = fc.nat(0xffff)

export const endpoint4 = fc.record({ address: address4, port })
const endpoint = fc.record({ address: fc.oneof(address4, address6, fc.constant('')), port })

export const capturedAt = fc
  .tuple(fc.nat(0xffffffff), fc.nat(999_999))
  .map(([seconds, micros]) => epochMicros(seconds * 1e6 + micros))

const text = fc.string({ unit: 'binary', maxLength: 40 })
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map(array => Buffer.from(array))

export const hepFields: fc.Arbitrary<HepFields> = fc.record({
  capturedAt: fc.option(capturedAt, { nil: undefined }),
  captureId: fc.nat(0xffffffff),
  node: fc.option(text, { nil: undefined }),
  protocol: fc.nat(255),
  transport: fc.constantFrom('udp', 'tcp', 'tls', 'sctp', 'ws', 'other'),
  source: endpoint,
  destination: endpoint,
  correlationId: fc.option(text, { nil: undefined }),
  authKey: fc.option(bytes(20), { nil: undefined }),
  payload: bytes(300)
})

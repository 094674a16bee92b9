import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import hepJs from 'hep-js'
import { capturedAt, endpoint4 } from './arbitraries.testing.ts'
import { decodeHep } from './decode.ts'
import { encodeHep } from './encode.ts'

// hep-js counts characters where bytes are meant, so the texts are ASCII.
const ascii = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 })

const packet = fc.record({
  capturedAt,
  captureId: fc.nat(0xffffffff),
  node: ascii,
  protocol: fc.nat(255),
  source: endpoint4,
  destination: endpoint4,
  correlationId: ascii,
  authKey: ascii,
  payload: ascii
})

describe('hep-js, a second opinion on IPv4', () => {
  it('reads what we encode', () => {
    fc.assert(
      fc.property(packet, fields => {
        const buffers = { authKey: Buffer.from(fields.authKey), payload: Buffer.from(fields.payload) }
        expect(hepJs.decapsulate(encodeHep({ ...fields, ...buffers, transport: 'udp' }))).toEqual({
          rcinfo: {
            protocolFamily: 2,
            protocol: 17,
            srcIp: fields.source.address,
            dstIp: fields.destination.address,
            srcPort: fields.source.port,
            dstPort: fields.destination.port,
            timeSeconds: Math.floor(fields.capturedAt / 1e6),
            timeUseconds: fields.capturedAt % 1e6,
            payloadType: fields.protocol,
            captureId: fields.captureId,
            capturePass: fields.authKey,
            hepNodeName: fields.node,
            correlation_id: fields.correlationId
          },
          payload: fields.payload
        })
      })
    )
  })

  it('encodes what we read', () => {
    fc.assert(
      fc.property(packet, fields => {
        const frame = hepJs.encapsulate(fields.payload, {
          protocolFamily: 2,
          protocol: 6,
          srcIp: fields.source.address,
          dstIp: fields.destination.address,
          srcPort: fields.source.port,
          dstPort: fields.destination.port,
          timeSeconds: Math.floor(fields.capturedAt / 1e6),
          timeUseconds: fields.capturedAt % 1e6,
          payloadType: fields.protocol,
          captureId: fields.captureId,
          capturePass: fields.authKey,
          hepNodeName: fields.node,
          correlation_id: fields.correlationId
        })
        const read = decodeHep(frame)
        const buffers = { authKey: Buffer.from(fields.authKey), payload: Buffer.from(fields.payload) }
        expect(read.kind === 'packet' && read.fields()).toEqual({ ...fields, ...buffers, transport: 'tcp' })
      })
    )
  })
})

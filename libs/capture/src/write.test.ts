import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { rmSync } from 'node:fs'
import { epochMicros } from '@earshot/units'
import type { Captured } from '@earshot/units'
import fc from 'fast-check'
import { readAll, temporaryFolder, writeCapture } from './testing/files.ts'
import { hex, options } from './testing/frames.ts'
import { pcapHeader, pcapRecord } from './write.ts'

let folder = ''
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => rmSync(folder, { recursive: true }))

const address = fc.constantFrom(
  '192.0.2.1',
  '203.0.113.255',
  '2001:db8::1',
  '::1',
  'fe80:1:2:3:4:5:6:7',
  '2001:db8:0:1::'
)
const endpoint = fc.record({ address, port: fc.integer({ min: 1, max: 65_535 }) })
const packet = fc.record({
  capturedAt: fc.integer({ min: 0, max: 4e15 }).map(epochMicros),
  agent: fc.constant('file'),
  transport: fc.constantFrom('udp' as const, 'tcp' as const),
  source: endpoint,
  destination: endpoint,
  payload: fc.integer({ min: 0, max: 1000 }).map(id => options(`${id}@a`))
})

describe('a written capture', () => {
  it('reads as what was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(packet, { maxLength: 20, selector: one => one.capturedAt % 2 ** 32 }),
        async list => {
          // GTP-U and VXLAN have their own ports.
          const packets = list.filter(
            ({ source, destination }) => ![source.port, destination.port].some(port => [2152, 4789].includes(port))
          )
          const path = writeCapture(folder, Buffer.concat([pcapHeader(), ...packets.map(pcapRecord)]))
          expect(await readAll(path)).toEqual({ captured: packets, error: undefined })
        }
      )
    )
  })

  const captured: Captured = {
    capturedAt: epochMicros(1_700_000_000_123_456),
    agent: '1',
    transport: 'sctp',
    source: { address: '192.0.2.1', port: 5060 },
    destination: { address: '192.0.2.2', port: 5061 },
    payload: Buffer.from('abc')
  }

  it('has the lengths and checksums of the standards', () => {
    expect(pcapRecord(captured)).toEqual(
      hex(`00f15365 40e20100 2d000000 2d000000  000000000000 000000000000 0800
        4500001f 00004000 4011 b6ca c0000201 c0000202  13c4 13c5 000b 8fe8 616263`)
    )
  })

  it('holds no more than an IP packet', () => {
    expect(pcapRecord({ ...captured, payload: Buffer.alloc(70_000) })).toHaveLength(16 + 14 + 65_535)
  })
})

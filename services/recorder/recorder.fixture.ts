import { epochMicros, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { encodeHep } from '@earshot/hep'
import type { NewRecord } from '@earshot/bus'
import { packetsRecord, tickRecord } from '../pipeline.ts'

export const noon = epochMicros(1_767_225_600e6)
export const after = (count: number): EpochMicros => plus(noon, seconds(count))

const producer = { collector: 'one', run: 'one/1' }
let sequence = 0

export const sip = (callId: string, at: EpochMicros, what = 'OPTIONS'): Captured => ({
  capturedAt: at,
  agent: '7',
  transport: 'udp',
  source: { address: '203.0.113.7', port: 5060 },
  destination: { address: '10.0.0.1', port: 5060 },
  payload: Buffer.from(`${what} sip:a@b SIP/2.0\r\nCall-ID: ${callId}\r\nCSeq: 1 ${what}\r\n\r\n`)
})

/** One record of packets, as a collector appends it. */
export const packets = (...all: readonly Captured[]): NewRecord =>
  packetsRecord(
    producer,
    ++sequence,
    0,
    Buffer.concat(all.map(({ agent, ...fields }) => encodeHep({ ...fields, captureId: Number(agent), protocol: 1 })))
  )

export const tick = (at: EpochMicros): NewRecord => tickRecord(producer, ++sequence, 0, at)

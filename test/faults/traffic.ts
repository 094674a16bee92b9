import { defaultLimits, type CallsRecord } from '@earshot/calls'
import { emptyRegistry, partiesOf } from '@earshot/peers'
import { findCallId } from '@earshot/sip'
import { carrierTraffic } from '@earshot/traffic'
import { epochMicros, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { Analysis, type Summary } from '../../services/earshot/analysis.ts'

export type Traffic = {
  readonly seed: number
  readonly trafficSeconds: number
  readonly attemptsPerSecond: number
}

/** Packets to send at their times, and what they are to give. */
export type Prepared = {
  readonly packets: readonly Captured[]
  readonly records: readonly CallsRecord[]
  readonly summary: Summary
}

/** Traffic that begins when it is ready: what is sent later than the lateness is late, as it should be. */
export function trafficNow(traffic: Traffic): Prepared {
  for (let leadMs = 5000; ; leadMs *= 2) {
    const start = epochMicros((Date.now() + leadMs) * 1e3)
    const packets = withoutOpen(callsWithin(traffic, start))
    const { records, summary } = offline(packets)
    if (Date.now() * 1e3 < start) return { packets, records, summary }
  }
}

/** Carrier traffic of that length: all of the calls that are over in it, and nothing of the others. */
function callsWithin({ seed, trafficSeconds, attemptsPerSecond }: Traffic, start: EpochMicros): Captured[] {
  const options = { seed, start, durationSeconds: trafficSeconds, attemptsPerSecond, medianTalkSeconds: 10 }
  const packets = [...carrierTraffic(options).messages].map(packet => ({
    packet,
    callId: findCallId(packet.payload)!.toString()
  }))
  const newest = new Map(packets.map(({ packet, callId }) => [callId, packet.capturedAt]))
  const end = plus(start, seconds(trafficSeconds))
  return packets.filter(({ callId }) => newest.get(callId)! <= end).map(({ packet }) => packet)
}

/** Live a clock goes on behind the last packet: what is open there for want of a final is not open for long. */
function withoutOpen(packets: Captured[]): Captured[] {
  const open = new Set(
    offline(packets).records.flatMap(record =>
      record.kind === 'attempt' && record.outcome === 'open' ? [record.callId] : []
    )
  )
  return packets.filter(({ payload }) => !open.has(findCallId(payload)!.toString()))
}

/** What the same packets give without anything between them and the figures. */
function offline(packets: readonly Captured[]): { records: CallsRecord[]; summary: Summary } {
  const records: CallsRecord[] = []
  const analysis = new Analysis({
    parties: partiesOf(() => emptyRegistry),
    limits: defaultLimits,
    onRecord: record => void (record.kind !== 'allow' && records.push(record))
  })
  for (const packet of packets) analysis.add(packet)
  return { summary: analysis.finish(), records }
}

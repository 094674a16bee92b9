import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultLimits, type AttemptRecord, type CallEndRecord, type RejectionRecord } from '@earshot/calls'
import { parseRegistry, partiesOf } from '@earshot/peers'
import { SqliteStore } from '@earshot/store'
import { carrierPeers, carrierTraffic } from '@earshot/traffic'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { Analysis } from '../../services/earshot/analysis.ts'

const HOUR = 3600e6

/** Calls that each may have at a time, so few that the traffic of a picture comes near to it. */
const CONTRACTED = 16

/**
 * Fills a data folder as `earshot up` would have it after some days of a carrier's traffic, more by day than by night, and puts
 * the registry of its peers beside it (`peers.yaml`).
 */
export async function fillStore(
  folder: string,
  { start, days, attemptsPerSecond }: { start: EpochMicros; days: number; attemptsPerSecond: number }
): Promise<void> {
  const peers = carrierPeers.map(peer => ({ ...peer, ...(peer.calls !== undefined && { calls: CONTRACTED }) }))
  const text = JSON.stringify({ peers })
  writeFileSync(join(folder, 'peers.yaml'), text)
  const registry = parseRegistry(text, 'peers.yaml')
  const store = new SqliteStore(join(folder, 'store.sqlite'))
  await store.start()
  for (let hour = 0; hour < 24 * days; hour++) {
    const attempts: AttemptRecord[] = []
    const callEnds: CallEndRecord[] = []
    const rejections: RejectionRecord[] = []
    const analysis = new Analysis({
      parties: partiesOf(() => registry),
      limits: defaultLimits,
      onRecord(record) {
        if (record.kind === 'attempt') attempts.push(record)
        else if (record.kind === 'call_end') callEnds.push(record)
        else if (record.kind === 'rejection') rejections.push(record)
      }
    })
    // Each hour on its own: the calls that it began go on to their ends.
    const traffic = carrierTraffic({
      seed: hour + 1,
      start: epochMicros(start + hour * HOUR),
      durationSeconds: 3600,
      attemptsPerSecond: attemptsPerSecond * busyness(hour)
    })
    for (const message of traffic.messages) analysis.add(message)
    analysis.finish()
    await store.write({ attempts, callEnds, rejections })
  }
  await store.stop()
}

/** From a tenth at night to all at noon, less on two days of seven, and a little more each week. */
function busyness(hour: number): number {
  const ofDay = Math.max(0.1, Math.sin((((hour % 24) - 6) / 24) * 2 * Math.PI))
  const isWeekend = hour % (7 * 24) >= 5 * 24
  return ofDay * (isWeekend ? 0.4 : 1) * (1 + hour / 24 / 60)
}

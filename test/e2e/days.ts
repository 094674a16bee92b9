import { isDeepStrictEqual } from 'node:util'
import { defaultLimits } from '@earshot/calls'
import { emptyRegistry, partiesOf } from '@earshot/peers'
import { between, epochMicros, plus, type Captured, type EpochMicros } from '@earshot/units'
import { Analysis, type Summary } from '../../services/earshot/analysis.ts'
import { captureFile, captureNames, packetsOf } from '../captures.ts'
import type { Live, RunningEarshot } from '../earshot.ts'
import { sameLive } from '../figures.ts'

const DAY = 86_400e6
const pcaps = captureNames.filter(name => !name.startsWith('kamailio'))

/** All captures as one, each on a day of its own. Some span years, and nothing may lie in the future. */
export async function oneADay(): Promise<Captured[]> {
  let day = epochMicros(0.9e15)
  const packets: Captured[] = []
  for (const capture of await captures()) {
    packets.push(...movedTo(day, capture))
    day = plus(packets.at(-1)!.capturedAt, DAY as never)
  }
  return packets
}

/** The packets of each capture that has some. */
export async function captures(): Promise<Captured[][]> {
  const all = await Promise.all(pcaps.map(name => packetsOf(captureFile(name))))
  return all.filter(packets => packets.length > 0)
}

/** The packets as if the first of them had been captured at that time. */
export function movedTo(time: EpochMicros, packets: readonly Captured[]): Captured[] {
  const ahead = between(packets[0]!.capturedAt, time)
  return packets.map(packet => ({ ...packet, capturedAt: plus(packet.capturedAt, ahead) }))
}

export function analysisOf(packets: readonly Captured[]): Summary {
  const analysis = new Analysis({ parties: partiesOf(() => emptyRegistry), limits: defaultLimits })
  for (const packet of packets) analysis.add(packet)
  return analysis.finish()
}

type Figures = Pick<Live, 'messages' | 'calls' | 'peers'>

/** What the API says once that is what is expected; after half a minute what it says then. */
export async function figuresOnce(console: RunningEarshot, expected: Summary): Promise<object> {
  const figures = figuresOf(expected)
  return figuresOf(await console.liveOnce(each => isDeepStrictEqual(figuresOf(each), figures), 30_000))
}

/** What live traffic and analyze have in common. */
export function figuresOf({ messages: { notSip: _notSip, ...messages }, calls, peers }: Figures): object {
  return { messages, calls, peers: sameLive(peers) }
}

import type { Log } from '@earshot/bus'
import { defaultLimits, byAddress, type LegsRecord } from '@earshot/calls'
import { ladder } from '@earshot/traffic'
import { epochMicros, millis, plus, type Captured } from '@earshot/units'
import { Analysis } from '../../services/earshot/analysis.ts'
import { readJoined } from '../../services/legs-records.ts'
import { topics } from '../../services/pipeline.ts'

const start = epochMicros(1.7e15)
const uuid = 'ab30317f1a784dc48ff824d0d3715d86'
const other = '47755a9de7794ba387653f2099600ef2'

/** How the legs of a call tell of each other: headers of the outer and of the inner INVITE. */
const ways: readonly (readonly [outer: string, inner: string])[] = [
  ['', 'X-CID: call-OUTER@ladder.example'],
  ['X-Call-ID: call-INNER@ladder.example', ''],
  [`Session-ID: ${uuid};remote=${other}`, `Session-ID: ${other};remote=${uuid}`],
  ['P-Charging-Vector: icid-value=7', 'P-Charging-Vector: icid-value="7";orig-ioi=home.example'],
  ['', '']
]

const call = ([outer, inner]: readonly [string, string], index: number): Captured[] => {
  const named = (header: string): string =>
    header.replace('OUTER', `${index}1`).replace('INNER', `${index}2`) || 'X-Other: 1'
  return ladder(
    `0    b>a INVITE call=${index}1 +S
     ${named(outer)}
     5    a>c INVITE call=${index}2 +S
     ${named(inner)}
     300  c>a 183 call=${index}2 tt=x +S
     305  a>b 183 call=${index}1 tt=y +S(codecs=G729)
     5300 c>a 480 call=${index}2 tt=x
     5305 a>b 480 call=${index}1 tt=y`,
    { start: plus(start, millis(400 * index)) }
  )
}

/** Calls through a B2BUA, joined in every way and, the last of them, in none. */
export const b2buaCalls: readonly Captured[] = ways.flatMap(call).sort((a, b) => a.capturedAt - b.capturedAt)

/** Long after these, so that nothing waits for more of them. */
export const muchLater: readonly Captured[] = ladder('0 a>b INVITE call=99\n10 b>a 486 call=99', {
  start: plus(start, millis(2_000_000))
})

export async function joinedIn(log: Pick<Log, 'read' | 'partitions'>): Promise<LegsRecord[]> {
  const records: LegsRecord[] = []
  for (let partition = 0; partition < (await log.partitions(topics.joined)); partition++) {
    for await (const record of log.read(topics.joined, partition, 0)) records.push(readJoined(record))
  }
  return inTime(records)
}

/** What analyze says of the same packets. */
export function joinedOffline(packets: readonly Captured[]): LegsRecord[] {
  const records: LegsRecord[] = []
  const onLegs = (record: LegsRecord): void => void records.push(record)
  const analysis = new Analysis({ parties: byAddress, limits: defaultLimits, onLegs })
  for (const packet of packets) analysis.add(packet)
  analysis.finish()
  return inTime(records)
}

const inTime = (records: readonly LegsRecord[]): LegsRecord[] => records.toSorted((a, b) => a.startedAt - b.startedAt)

/**
 * Legs joined per CPU-second, and memory for each leg that waits.
 * Run: node --expose-gc libs/calls/bench/legs.bench.ts
 */
import { epochMicros } from '@earshot/units'
import { LegJoin, type Leg } from '../src/index.ts'

const noon = 1_767_225_600e6
const perSecond = 1000

/** Every other attempt is the inner leg of the one before it, or of none where nobody names any. */
function* legs(count: number, named: boolean): Iterable<Leg> {
  for (let index = 0; index < count; index++) {
    const closedAt = epochMicros(noon + Math.floor((index / perSecond) * 1e6))
    const callId = `${index.toString(36)}-4f1c2a9e7b@192.0.2.${index % 200}`
    const outer = `${(index - 1).toString(36)}-4f1c2a9e7b@192.0.2.${(index - 1) % 200}`
    const isInner = named && index % 2 === 1
    yield {
      id: `${index.toString(36)}ZLJaZ7lJpiQWhzzXZphVx5`,
      callId,
      peer: isInner ? 'atlantic' : 'pacific',
      direction: isInner ? 'outbound' : 'inbound',
      requester: isInner ? '192.0.2.1' : '203.0.113.7',
      responder: isInner ? '198.51.100.9' : '192.0.2.1',
      startedAt: epochMicros(closedAt - 20e6),
      endedAt: closedAt,
      class: 'early_media',
      outcome: 'answered',
      status: 200,
      timeToEarlyMedia: 1.2,
      closedAt,
      codes: [],
      keys: isInner ? [`call ${outer}`, `call ${callId}`] : [`call ${callId}`]
    }
  }
}

function join(name: string, count: number, named: boolean): void {
  let joined = 0
  const join = new LegJoin({ emit: () => joined++, keepsChanges: true })
  const before = process.cpuUsage()
  let bytes = 0
  let most = 0
  for (const leg of legs(count, named)) {
    join.take(leg)
    if (leg.closedAt % 1e6 !== 0) continue
    join.advance(leg.closedAt)
    for (const { value } of join.changes()) bytes += value?.length ?? 0
    most = Math.max(most, join.size)
  }
  const { user, system } = process.cpuUsage(before)
  const rate = Math.round(count / ((user + system) / 1e6)).toLocaleString('en')
  console.log(
    `${name}: ${rate} attempts per CPU-second, ${joined} calls joined, ${most} waited at most; state ${(bytes / count).toFixed(0)} bytes each`
  )
}

join('nobody names any', 400_000, false)
join('two legs a call', 400_000, true)

globalThis.gc?.()
const held = process.memoryUsage().heapUsed
const waiting = new LegJoin({ emit: () => undefined })
for (const leg of legs(60_000, false)) waiting.take(leg)
waiting.advance(epochMicros(noon + 60e6))
globalThis.gc?.()
console.log(
  `${waiting.size} legs wait: ${((process.memoryUsage().heapUsed - held) / waiting.size).toFixed(0)} bytes each`
)

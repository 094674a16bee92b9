import { epochMicros } from '@earshot/units'
import { TrafficWatch, type MinuteCounts } from '../src/index.ts'

/**
 * What the detectors of traffic cost at the limit of peers: CPU for each peer and minute, memory and state for each peer.
 * Run: npm run bench -- detection   (node --expose-gc libs/peers/bench/detection.bench.ts)
 */
const PEERS = 5_000
const MINUTES = 2 * 60
const START = Date.UTC(2026, 0, 5) / 60e3

const delays = [0, 3, 5, 5, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0]
const counts = (minute: number): MinuteCounts => ({
  attempts: 20 + (minute % 3),
  seizures: 20,
  answered: 10 + (minute % 2),
  earlyMedia: 10,
  answeredEarlyMedia: 5,
  failedEarlyMedia: 2,
  unusable: minute % 7 === 0 ? { codec_mismatch: 1 } : {},
  rejections501: minute % 11 === 0 ? 1 : 0,
  delays
})

const memory = (): number => {
  gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const before = memory()
const detector = new TrafficWatch({ keepsChanges: true })
const state = new Map<string, number>()
const begun = process.cpuUsage()
let written = 0
for (let minute = START; minute < START + MINUTES; minute++) {
  for (let peer = 0; peer < PEERS; peer++) {
    detector.add(`peer-${peer}`, 'outbound', epochMicros((minute * 60 + (peer % 60)) * 1e6), counts(minute))
  }
  detector.advance(epochMicros(((minute + 1) * 60 + 3) * 1e6))
  for (const { key, value } of detector.changes()) {
    written += key.length + (value?.length ?? 0)
    if (value) state.set(key, value.length)
    else state.delete(key)
  }
}
const { user, system } = process.cpuUsage(begun)
const perPeerMinute = (user + system) / PEERS / MINUTES
const grown = memory() - before
const bytes = (prefix: string): number =>
  Array.from(state, ([key, length]) => (key.startsWith(prefix) ? key.length + length : 0)).reduce((a, b) => a + b, 0)
process.stdout.write(`${perPeerMinute.toFixed(1)} µs of CPU for each peer and minute, state written\n`)
process.stdout.write(`${(grown / PEERS / 1e3).toFixed(1)} kB of memory for each of ${PEERS} peers\n`)
process.stdout.write(`${(bytes('traffic-learnt') / PEERS).toFixed(0)} bytes learnt of each peer\n`)
process.stdout.write(`${(bytes('traffic-minute') / PEERS).toFixed(0)} bytes of its last minutes\n`)
process.stdout.write(`${(written / PEERS / MINUTES).toFixed(0)} bytes written for each peer and minute\n`)

import { epochMicros, type Captured } from '@earshot/units'
import { carrierTraffic, openAttempts, simpleCalls } from '../src/index.ts'

// Method: one warm-up, then one run of each; CPU time of this process, user and system, garbage collection included.
const start = epochMicros(1_767_225_600_000_000)

const generators: readonly (readonly [string, () => Iterable<Captured>])[] = [
  ['simpleCalls', () => simpleCalls({ count: 150_000, start })],
  ['openAttempts', () => openAttempts(300_000, start)],
  ['20 attempts/s', () => carrierTraffic({ seed: 1, start, durationSeconds: 3000, attemptsPerSecond: 20 }).messages],
  ['100 attempts/s', () => carrierTraffic({ seed: 1, start, durationSeconds: 600, attemptsPerSecond: 100 }).messages]
]

for (const [name, generate] of generators) {
  let warm = 0
  for (const _ of generate()) if (++warm === 50_000) break
  const before = process.cpuUsage()
  let [messages, bytes, heap] = [0, 0, 0]
  for (const { payload } of generate()) {
    bytes += payload.length
    if (++messages % 50_000 === 0) heap = Math.max(heap, process.memoryUsage().rss)
  }
  const { user, system } = process.cpuUsage(before)
  const rate = Math.round(messages / ((user + system) / 1000))
  console.log(
    `${name.padEnd(15)} ${String(rate).padStart(5)}k messages per CPU-second  ` +
      `${Math.round(bytes / messages)} bytes each  ${messages} messages  peak rss ${Math.round(heap / 2 ** 20)} MiB`
  )
}

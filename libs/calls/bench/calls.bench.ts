/**
 * Messages per CPU-second of the correlator, from bytes to records, and resident memory per open attempt.
 * Run: npm run bench -- calls   (node libs/calls/bench/calls.bench.ts)
 */
import { openAttempts, simpleCalls } from '@earshot/traffic'
import { epochMicros, type Captured } from '@earshot/units'
import { Correlator, ReorderBuffer, messagesOf } from '../src/index.ts'

const start = epochMicros(1.7e15)
const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0).padStart(6)

/** As the live pipeline does it: messages wait two seconds, then are folded in order. */
function fold(correlator: Correlator, messages: Iterable<Captured>, each?: (count: number) => void): number {
  const waiting = new ReorderBuffer<Captured>()
  let count = 0
  let released = 0
  for (const captured of messages) {
    waiting.push(captured)
    count++
    if (captured.capturedAt < released + 2.1e6) continue
    released = captured.capturedAt - 2e6
    for (const due of messagesOf(waiting.release(epochMicros(released)))) correlator.process(due)
    each?.(count)
  }
  for (const due of messagesOf(waiting.release(epochMicros(Infinity)))) correlator.process(due)
  return count
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const calls = 100_000
const generated = cpuSeconds(() => {
  for (const _ of simpleCalls({ count: calls, start }));
})
const correlator = new Correlator({ emit: () => undefined })
let messages = 0
const worked = cpuSeconds(() => {
  messages = fold(correlator, simpleCalls({ count: calls, start }))
})
console.log(
  `answered calls, 7 messages each: ${Math.round(messages / (worked - generated)).toLocaleString('en')} messages per CPU-second`
)

const attempts = 500_000
const holding = new Correlator({ emit: () => undefined })
const before = process.memoryUsage.rss()
let next = 100_000
const cpu = cpuSeconds(() => {
  fold(holding, openAttempts(attempts, start, 5000), count => {
    if (count / 3 < next) return
    console.log(`${String(next).padStart(9)} attempts open: RSS +${megabytes(process.memoryUsage.rss() - before)} MiB`)
    next += 100_000
  })
})
const grown = process.memoryUsage.rss() - before
console.log(
  `${String(holding.size).padStart(9)} attempts open: RSS +${megabytes(grown)} MiB, ${Math.round(grown / attempts)} bytes each, ${cpu.toFixed(1)} CPU-s`
)

/**
 * Messages per CPU-second of the correlator, from bytes to records, and resident memory per open attempt.
 * Run: npm run bench -- calls   (node libs/calls/bench/calls.bench.ts)
 */
import { carrierTraffic, openAttempts, simpleCalls } from '@earshot/traffic'
import { epochMicros, type Captured } from '@earshot/units'
import { Correlator, ReorderBuffer, messagesOf } from '../src/index.ts'

const start = epochMicros(1.7e15)
const PIECE = 20_000

/** A correlator as the live pipeline feeds it: messages wait two seconds, then are folded in order. */
class Pipeline {
  readonly correlator = new Correlator({ emit: () => undefined })
  messages = 0
  cpuSeconds = 0
  readonly #waiting = new ReorderBuffer<Captured>()
  #released = 0

  /** Generates in pieces, which is not measured. */
  run(messages: Iterator<Captured>, most = Infinity): void {
    while (this.messages < most) {
      const piece = take(messages, PIECE)
      const before = process.cpuUsage()
      if (piece.length === 0) this.#release(Infinity)
      else for (const captured of piece) this.#push(captured)
      const { user, system } = process.cpuUsage(before)
      this.cpuSeconds += (user + system) / 1e6
      this.messages += piece.length
      if (piece.length === 0) return
    }
  }

  get rate(): string {
    return `${Math.round(this.messages / this.cpuSeconds).toLocaleString('en')} messages per CPU-second`
  }

  #push(captured: Captured): void {
    this.#waiting.push(captured)
    if (captured.capturedAt >= this.#released + 2.1e6) this.#release(captured.capturedAt - 2e6)
  }

  #release(until: number): void {
    this.#released = until
    for (const due of messagesOf(this.#waiting.release(epochMicros(until)))) this.correlator.process(due)
  }
}

function take(messages: Iterator<Captured>, most: number): Captured[] {
  const taken: Captured[] = []
  while (taken.length < most) {
    const next = messages.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

const answered = new Pipeline()
answered.run(simpleCalls({ count: 100_000, start })[Symbol.iterator]())
console.log(`answered calls, 7 messages each: ${answered.rate}`)

const carriers = new Pipeline()
carriers.run(carrierTraffic({ seed: 1, start, attemptsPerSecond: 100 }).messages[Symbol.iterator](), 700_000)
console.log(`five carriers with all their habits: ${carriers.rate}`)

const holding = new Pipeline()
const open = openAttempts(500_000, start, 5000)[Symbol.iterator]()
const before = process.memoryUsage.rss()
for (let attempts = 100_000; attempts <= 500_000; attempts += 100_000) {
  holding.run(open, attempts * 3)
  const grown = process.memoryUsage.rss() - before
  const each = Math.round(grown / holding.correlator.size)
  console.log(`${holding.correlator.size} attempts open: RSS +${(grown / 2 ** 20).toFixed(0)} MiB, ${each} bytes each`)
}

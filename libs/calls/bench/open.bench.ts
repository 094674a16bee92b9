/**
 * Two million attempts of a carrier's traffic, all its habits: how much is kept on the way, whether as many are open as
 * the messages say, and whether anything is left once all are over. Ends with 1 where it is not so.
 * Run: node --expose-gc libs/calls/bench/open.bench.ts [attempts]
 */
import { carrierTraffic } from '@earshot/traffic'
import { epochMicros, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { Correlator, messagesOf, type Standing } from '../src/index.ts'

const attempts = Number(process.argv[2] ?? 2_000_000)
const attemptsPerSecond = 200
const start = epochMicros(1.7e15)
const { messages, truth } = carrierTraffic({
  seed: 42,
  start,
  attemptsPerSecond,
  durationSeconds: attempts / attemptsPerSecond
})

/** INVITEs without a final, by what their messages say and nothing else. */
class OpenInvites {
  readonly #open = new Map<string, { since: number; answered: boolean }>()

  note({ payload, capturedAt, source, destination }: Captured): void {
    const head = payload.toString('latin1', 0, payload.indexOf('\r\n\r\n'))
    if (!/^CSeq: *\d+ INVITE/im.test(head)) return
    const status = /^SIP\/2\.0 (\d+)/.exec(head)?.[1]
    const [from, to] = status === undefined ? [source, destination] : [destination, source]
    const key = `${/^Call-ID: *(.*)/im.exec(head)?.[1]} ${from.address} ${to.address}`
    if (status === undefined) {
      if (head.startsWith('INVITE') && !/^To:.*;tag=/im.test(head) && !this.#open.has(key)) {
        this.#open.set(key, { since: capturedAt, answered: false })
      }
      return
    }
    const known = this.#open.get(key)
    if (!known) return
    if (Number(status) >= 200) this.#open.delete(key)
    else known.answered = true
  }

  /** A silent one is given up after 32 s (TX-10). */
  count(now: EpochMicros): number {
    for (const [key, { since, answered }] of this.#open) if (!answered && since + 32e6 < now) this.#open.delete(key)
    return this.#open.size
  }
}

const correlator = new Correlator({
  keepsChanges: true,
  emit: record => {
    if (record.kind === 'attempt') emitted++
  }
})
let emitted = 0
let open = 0
const invites = new OpenInvites()
const state = new Map<string, number>()

function takeChanges(): void {
  for (const { was, is } of correlator.standings()) open += Number(isOpen(is)) - Number(isOpen(was))
  for (const { key, value } of correlator.changes()) {
    // Of a peer is kept what it allows.
    if (!key.startsWith('call ')) continue
    if (value) state.set(key, value.length)
    else state.delete(key)
  }
}

const isOpen = (standing?: Standing): boolean => standing?.outcome === 'open'

const failures: string[] = []
function expect(what: string, found: number, wanted: number): void {
  if (found !== wanted) failures.push(`${what}: ${found}, not ${wanted}`)
}

function tell(): void {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const bytes = state.values().reduce((sum, length) => sum + length, 0)
  const columns = [emitted, open, correlator.size, state.size, bytes >> 20, heapUsed >> 20, rss >> 20]
  console.log(columns.map(value => value.toLocaleString('en').padStart(11)).join(''))
}

console.log(
  ['records', 'open', 'calls', 'states', 'MiB', 'heap MiB', 'RSS MiB'].map(name => name.padStart(11)).join('')
)
let now = start
let next = plus(start, seconds(60))
let told = 0
for (const captured of messages) {
  if (captured.capturedAt >= next) {
    correlator.advance(now)
    takeChanges()
    next = plus(captured.capturedAt, seconds(60))
    if (emitted >= told + attempts / 10) {
      expect(`open after ${emitted} records`, open, invites.count(now))
      tell()
      told = emitted
    }
  }
  now = captured.capturedAt
  invites.note(captured)
  for (const observed of messagesOf([captured])) correlator.process(observed)
}

correlator.advance(plus(now, seconds(1200)))
takeChanges()
tell()
const made = truth.peers.reduce((sum, peer) => sum + peer.attempts, 0)
expect('records', emitted, made)
expect('open', open, 0)
expect('calls kept', correlator.size, 0)
expect('states kept', state.size, 0)
console.log(failures.length > 0 ? failures.join('\n') : `${made} attempts, and nothing is left open`)
process.exitCode = failures.length > 0 ? 1 : 0

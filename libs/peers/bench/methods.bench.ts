/**
 * Bytes of memory and of state for each cell of the capability matrix, and CPU for each row of evidence.
 * Run: npm run bench -- methods   (node --expose-gc libs/peers/bench/methods.bench.ts)
 */
import type { Evidence } from '@earshot/calls'
import { epochMicros } from '@earshot/units'
import { methodLabels, MethodWatch } from '../src/index.ts'

const peers = Array.from({ length: 5_000 }, (_, index) => `carrier ${index}`)
const start = 1_767_225_600
const step = 5
const steps = 12
const allow = methodLabels.toSorted()

/** In each step every peer answers every method, and says once what it takes. */
function* rowsIn(second: number): Iterable<Evidence> {
  for (const [index, peer] of peers.entries()) {
    const agent = `gateway/${index % 40}`
    yield { kind: 'allowed', second, peer, agent, source: 'answer', methods: allow, count: 3 }
    for (const method of methodLabels) {
      yield { kind: 'method', second, peer, agent, method, code: 200, count: 3, callId: `${second}-${index}@10.0.0.1` }
    }
  }
}

const heap = (): number => {
  gc?.()
  return process.memoryUsage().heapUsed
}

const before = heap()
const watch = new MethodWatch()
const state = new Map<string, number>()
let [rows, written] = [0, 0]
const cpu = process.cpuUsage()
for (let at = 0; at < steps; at++) {
  for (const row of rowsIn(start + at * step)) {
    watch.observe(row)
    rows++
  }
  watch.advance(epochMicros((start + (at + 1) * step) * 1e6))
  watch.alerts()
  for (const { key, value } of watch.changes()) {
    const bytes = key.length + (value?.length ?? 0)
    state.set(key, bytes)
    written += bytes
  }
}
const { user, system } = process.cpuUsage(cpu)
const cells = peers.length * methodLabels.length
const kept = [...state.values()].reduce((sum, bytes) => sum + bytes, 0)
state.clear()
const grown = heap() - before
console.log(
  `${peers.length} peers x ${methodLabels.length} methods: ${((user + system) / rows).toFixed(1)} us of CPU a row, state included`
)
console.log(`${Math.round(grown / cells)} bytes of memory and ${Math.round(kept / cells)} of state for each cell`)
console.log(
  `${(written / steps / step / 1e6).toFixed(1)} MB of state a second where every cell changes every ${step} s`
)
if (watch.capabilities(peers[0]!).length !== methodLabels.length) throw new Error('a method is missing')

/**
 * Runs the inputs of a seed, or the one that is given, through everything that reads bytes. In a thread of its own, so
 * that whoever started it can end it when it hangs; the input at hand lies in shared memory for that case.
 */
import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { encodeHep } from '@earshot/hep'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { inputsOf, type Input } from './inputs.ts'
import { Live, Offline } from './pipeline.ts'
import { checkFence, Pen, readFrame, readMessages, Streams } from './readers.ts'
import type { Assignment, Report } from './campaign.ts'

const SLOW_MS = 50
const REPORT_EVERY = 1000
const ROUND = 5000
const MEMORY_EVERY = 100_000

const { seed, count, given, shared } = workerData as Assignment
const [at, bytes] = [new Int32Array(shared, 0, 2), Buffer.from(shared, 8)]
const [streams, offline] = [new Streams(), new Offline()]
const [ofRound, ofOne] = [new Pen(32 << 20), new Pen(1 << 17)]
const live = new Live(epochMicros(0))
await live.start()

let slowest = 0
let done = 0
for (const input of given ? twice(given) : inputsOf(seed)) {
  if (done === count) break
  show(input, done)
  try {
    const took = time(input)
    slowest = Math.max(slowest, took)
    if (took > SLOW_MS) throw new Error(`took ${Math.round(took)} ms`)
    done++
    // Timers and promises of the packer get their turn.
    if (done % REPORT_EVERY === 0) await setImmediate(tell({ kind: 'progress', done, slowestMs: slowest }))
    if (done % ROUND === 0) await endRound()
    if (done % MEMORY_EVERY === 0) tell({ kind: 'memory', done, rss: resident() })
  } catch (error) {
    tell({
      kind: 'failed',
      index: done,
      hex: input.bytes.toString('hex'),
      why: (error as Error).stack ?? String(error)
    })
    break
  }
}
await endRound()
tell({ kind: 'progress', done, slowestMs: slowest })

/** How long it takes; what took long is tried again, for the machine may have been busy with something else. */
function time(input: Input): number {
  let least = Infinity
  for (let tries = 0; tries < 5 && least > SLOW_MS; tries++) {
    const begun = performance.now()
    work(input)
    least = Math.min(least, performance.now() - begun)
  }
  return least
}

function work({ kind, bytes, arrivedAt, captured }: Input): void {
  const input = ofRound.fenced(bytes)
  const cut = (bytes[0] ?? 0) % (bytes.length + 1)
  if (kind === 'sip') {
    readMessages(input)
    streams.pushSip(input, cut)
    const message = { ...captured, payload: input }
    offline.add(message)
    const frame = encodeHep({ ...message, payload: input.subarray(0, 60_000), captureId: 1, protocol: 1 })
    takeLive(frame, arrivedAt, 'tcp')
  } else {
    const packet = readFrame(input)
    streams.pushHep(input, cut)
    if (packet) {
      readMessages(packet.payload)
      offline.addPacket(packet, arrivedAt)
    }
    takeLive(bytes, arrivedAt, 'udp')
  }
  checkFence(input)
}

/** Of a copy, for it is changed in place. */
function takeLive(frame: Buffer, arrivedAt: EpochMicros, via: 'udp' | 'tcp'): void {
  ofOne.empty()
  const copy = ofOne.fenced(frame)
  live.take(copy, arrivedAt, via)
  checkFence(copy)
}

async function endRound(): Promise<void> {
  offline.finish()
  ofRound.empty()
  await live.restart()
}

function resident(): number {
  // The last resort also gives back the pages that V8 keeps for later.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  return process.memoryUsage.rss()
}

function show(input: Input, index: number): void {
  at[1] = input.bytes.copy(bytes)
  Atomics.store(at, 0, index)
}

function tell(report: Report): void {
  parentPort!.postMessage(report)
}

/** As either kind, whichever it was. */
function* twice(hex: string): Generator<Input> {
  const [{ arrivedAt, captured }] = inputsOf(seed).take(1).toArray() as [Input]
  for (const kind of ['hep', 'sip'] as const) yield { kind, bytes: Buffer.from(hex, 'hex'), arrivedAt, captured }
}

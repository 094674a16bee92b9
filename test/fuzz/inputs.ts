import { readdirSync, readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import { chunkType, encodeHep } from '@earshot/hep'
import { carrierTraffic } from '@earshot/traffic'
import { epochMicros, micros, millis, minus, plus, type Captured, type EpochMicros } from '@earshot/units'
import { mutate, onHep, onSip } from './mutations.ts'
import { Random } from './random.ts'

/** One damaged packet, as it would arrive at a collector, and when. */
export type Input = {
  readonly kind: 'hep' | 'sip'
  /** The frame, or the message alone. */
  readonly bytes: Buffer
  readonly arrivedAt: EpochMicros
  /** What an agent would say of the message. */
  readonly captured: Omit<Captured, 'payload'>
}

const START = epochMicros(1_767_225_600_000_000)
/** Event time from one input to the next: all that is open expires several times in a run of a million. */
const STEP = millis(20)
const MESSAGES_KEPT = 4000

/** The inputs of a seed, always the same. Every second one is a HEP frame. */
export function* inputsOf(seed: number): Generator<Input> {
  const random = new Random(seed)
  const golden = goldenFrames()
  let messages: readonly Captured[] = []
  for (let index = 0; ; index++) {
    // Each part of the calls comes several times, so that what belongs together meets.
    if (index % (2 * MESSAGES_KEPT) === 0) messages = traffic(seed + index)
    const arrivedAt = plus(START, micros(index * STEP))
    const captured = { ...messages[(index >> 1) % messages.length]!, capturedAt: recently(arrivedAt, random) }
    const other = random.pick(messages).payload
    if (index % 2 === 0) {
      yield { kind: 'sip', arrivedAt, captured, bytes: mutate(captured.payload, random, other, onSip) }
    } else {
      const payload = random.once(3) ? mutate(captured.payload, random, other, onSip) : captured.payload
      const frame = random.once(20) ? random.pick(golden) : frameOf({ ...captured, payload }, random)
      yield {
        kind: 'hep',
        arrivedAt,
        captured,
        bytes: mutate(frame, random, frameOf(random.pick(messages), random), onHep)
      }
    }
  }
}

function traffic(seed: number): Captured[] {
  const { messages } = carrierTraffic({ seed, start: START, attemptsPerSecond: 20, durationSeconds: 3600 })
  return Iterator.from(messages).take(MESSAGES_KEPT).toArray()
}

/** Up to three seconds late: out of order, and sometimes behind the watermark. */
const recently = (arrivedAt: EpochMicros, random: Random): EpochMicros => minus(arrivedAt, millis(random.below(3000)))

/** As agents send them: with a name or without, with passwords, correlation ids, compressed. Few times are nonsense. */
function frameOf(captured: Captured, random: Random): Buffer {
  const capturedAt = random.once(20) ? epochMicros(random.below(2 ** 32) * 1e6) : captured.capturedAt
  const compressed = random.once(10)
  const frame = encodeHep({
    ...captured,
    capturedAt: random.once(20) ? undefined : capturedAt,
    captureId: random.below(3),
    protocol: random.once(20) ? random.below(256) : 1,
    ...(random.once(4) && { node: random.pick(['sbc-1', 'Knoten Süd', '', '\0', 'n'.repeat(300)]) }),
    ...(random.once(8) && { authKey: Buffer.from('secret') }),
    ...(random.once(8) && { correlationId: 'another-leg' }),
    payload: (compressed ? deflateSync(captured.payload) : captured.payload).subarray(0, 60_000)
  })
  return compressed ? asCompressed(frame) : frame
}

/** The last chunk, its payload, said to be compressed. */
function asCompressed(frame: Buffer): Buffer {
  for (let at = 6; at + 6 <= frame.length; at += frame.readUInt16BE(at + 4)) {
    if (frame.readUInt16BE(at + 2) === chunkType.payload) frame.writeUInt16BE(chunkType.compressedPayload, at + 2)
  }
  return frame
}

/** Frames of other versions and agents. */
function goldenFrames(): Buffer[] {
  const folder = new URL('../../libs/hep/testdata/', import.meta.url)
  const files = readdirSync(folder).filter(file => file.endsWith('.hex'))
  return files.map(file => Buffer.from(readFileSync(new URL(file, folder), 'utf8').replaceAll(/#.*|\s/g, ''), 'hex'))
}

import type { AttemptRecord, DiagnosisCode, Outcome, RejectionRecord } from '@earshot/calls'
import { epochMicros, plus, seconds } from '@earshot/units'
import { endOf } from '../src/batches.fixture.ts'
import type { Batch, TimeRange } from '../src/store.ts'

const PEERS = 200

/** Records of a carrier's traffic, without the messages that would have made them: many peers, few of them large. */
export class Carrier {
  readonly range: Required<TimeRange>
  readonly #attempts: number
  #state: number

  constructor({ seed, attempts, days }: { readonly seed: number; readonly attempts: number; readonly days: number }) {
    this.#state = seed
    this.#attempts = attempts
    const from = epochMicros(1_767_225_600e6)
    this.range = { from, to: plus(from, seconds(days * 86_400)) }
  }

  /** From 0 up to 1 (mulberry32). */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** The first have most of the traffic. */
  peer(): string {
    return `carrier-${Math.floor(PEERS * this.random() ** 3)}`
  }

  number(): string {
    return `49${Math.floor(1e8 + this.random() * 2e6)}00`
  }

  callId(): string {
    return callIdOf(Math.floor(this.random() * this.#attempts))
  }

  *batches(size: number): Iterable<Batch> {
    for (let first = 0; first < this.#attempts; first += size) {
      const numbers = Array.from({ length: Math.min(size, this.#attempts - first) }, (_, index) => first + index)
      const attempts = numbers.map(number => this.#attempt(number))
      yield {
        attempts,
        callEnds: attempts.flatMap(each =>
          each.outcome === 'answered' ? [endOf(each, Math.round(this.random() * 360))] : []
        ),
        rejections: attempts.flatMap(each => (this.random() < 0.01 ? [this.#rejection(each)] : []))
      }
    }
  }

  #attempt(number: number): AttemptRecord {
    const { from, to } = this.range
    const startedAt = epochMicros(from + Math.floor(((to - from) * (number + this.random())) / this.#attempts))
    const early = this.random() < 0.6
    const outcome = this.#outcome()
    const ringing = 2 + this.random() * 20
    const endedAt = plus(startedAt, seconds(Math.round(ringing * 1e3) / 1e3))
    const code: DiagnosisCode | undefined =
      this.random() < 0.02 ? 'codec_mismatch' : this.random() < 0.0001 ? 'key_missing' : undefined
    const since = plus(startedAt, seconds(1))
    const [caller, callee] = [this.number(), this.number()]
    return {
      kind: 'attempt',
      id: `${number.toString(36).padStart(7, '0')}DjmDqPJBn6jQmZ8JfFJm`,
      callId: callIdOf(number),
      peer: this.peer(),
      direction: this.random() < 0.7 ? 'outbound' : 'inbound',
      responder: '203.0.113.7',
      from: `+${caller}@sbc.example.net`,
      to: `+${callee}@203.0.113.7`,
      startedAt,
      endedAt,
      closedAt: plus(endedAt, seconds(5)),
      class: code ? 'unusable' : early ? 'early_media' : 'ringing',
      outcome,
      status: outcome === 'answered' ? 200 : 480,
      firstCode: early ? 183 : 180,
      alerted: !early,
      earlyMediaSeconds: early && !code ? ringing - 1 : 0,
      ...(early && !code && { earlyMediaSpans: [[since, endedAt] as const], timeToEarlyMedia: 1, timeTo183: 1 }),
      responses183: { withSdp: early ? 1 : 0, withoutSdp: 0 },
      transactions: 1,
      retries: [],
      sessionRequestDelay: 1,
      ...(code && {
        diagnosis: {
          codes: [code],
          text: 'The caller offers G729 and the callee answers with PCMA: no codec is common.'
        },
        atFault: [{ code, at: since, method: 'INVITE', status: 183 }]
      }),
      legKeys: [`icid ${number.toString(36)}@sbc.example.net`],
      flags: code ? [code] : [],
      registry: '1aa2d63581f0'
    }
  }

  #outcome(): Outcome {
    const share = this.random()
    if (share < 0.45) return 'answered'
    if (share < 0.65) return 'no_answer'
    if (share < 0.8) return 'busy'
    if (share < 0.95) return 'cancelled'
    return share < 0.999 ? 'not_found' : 'incompatible'
  }

  #rejection({ id, callId, startedAt, peer, direction }: AttemptRecord): RejectionRecord {
    return {
      kind: 'rejection',
      id: `r${id}`,
      at: plus(startedAt, seconds(1)),
      callId,
      peer,
      direction,
      requester: '10.0.0.1',
      responder: '203.0.113.7',
      method: this.random() < 0.5 ? 'UPDATE' : 'INFO',
      code: 501,
      vias: 1,
      origin: true,
      registry: '1aa2d63581f0'
    }
  }
}

const callIdOf = (number: number): string => `${number.toString(16).padStart(12, '0')}-7f3a41@sbc.example.net`

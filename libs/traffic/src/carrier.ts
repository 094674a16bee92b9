import { micros, millis, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { playAttempt, type Plan } from './attempt.ts'
import { carrierProfiles, ourSbcs, type CarrierProfile, type Ending } from './carrier-peers.ts'
import { EventHeap, type Pending } from './event-heap.ts'
import { Leg, writeStep, type Step } from './leg.ts'
import { Random } from './random.ts'
import { holdingSeconds, ping } from './talk.ts'
import { CarrierTruth } from './truth.ts'

/** Something that goes wrong at a peer, from a time after the start on. */
export type Incident = {
  /** It answers UPDATE with 501; or nobody answers after its early media, which then lasts long. */
  readonly kind: 'update_rejected' | 'early_media_unanswered'
  readonly peer: string
  readonly afterSeconds: number
}

export type CarrierOptions = {
  readonly seed: number
  readonly start: EpochMicros
  /** Attempts begin in this time, and what they began goes on to its end; without it, for ever. */
  readonly durationSeconds?: number
  readonly attemptsPerSecond?: number
  readonly medianTalkSeconds?: number
  readonly peers?: readonly CarrierProfile[]
  readonly incidents?: readonly Incident[]
}

export type CarrierTraffic = {
  /** In the order of time; to be walked once. */
  readonly messages: Iterable<Captured>
  /** Of the messages given out so far. */
  readonly truth: CarrierTruth
}

/** Those of a demonstration: they begin a third of the way, or after two minutes where there is no end. */
export function usualIncidents(durationSeconds = 360): readonly Incident[] {
  const afterSeconds = Math.round(durationSeconds / 3)
  return [
    { kind: 'update_rejected', peer: 'Atlas Transit', afterSeconds },
    { kind: 'early_media_unanswered', peer: 'Pacific Carrier', afterSeconds }
  ]
}

/**
 * A carrier's traffic with its peers, made as it is asked for: it holds the calls that are open and nothing else.
 * The same options always give the same messages. The last ones are pings more than 32 s behind the last attempt, so
 * that no attempt is left open at the end.
 */
export function carrierTraffic(options: CarrierOptions): CarrierTraffic {
  const truth = new CarrierTruth()
  return { messages: new Generation(options, truth).messages(), truth }
}

/** The steps of one call that are still to come, the next one last. */
type Script = Pending & { readonly steps: Step[]; at: number }

const pingEvery = seconds(30)

class Generation {
  readonly #options: CarrierOptions
  readonly #truth: CarrierTruth
  readonly #random: Random
  readonly #scripts = new EventHeap<Script>()
  readonly #peers: readonly CarrierProfile[]
  readonly #incidents: readonly Incident[]
  #serial = 0

  constructor(options: CarrierOptions, truth: CarrierTruth) {
    this.#options = options
    this.#truth = truth
    this.#random = new Random(options.seed)
    this.#peers = options.peers ?? carrierProfiles
    this.#incidents = options.incidents ?? usualIncidents(options.durationSeconds)
  }

  *messages(): Generator<Captured, void, undefined> {
    const { start, durationSeconds = Infinity } = this.#options
    const end = plus(start, seconds(durationSeconds))
    let attemptAt = this.#nextAttempt(start)
    let pingAt = start
    let lastCallAt = end
    for (;;) {
      const nextAt = this.#scripts.peek()?.at ?? Infinity
      if (attemptAt < end && attemptAt <= Math.min(nextAt, pingAt)) {
        lastCallAt = this.#later(lastCallAt, this.#beginCall(attemptAt))
        attemptAt = this.#nextAttempt(attemptAt)
      } else if (pingAt <= nextAt && (pingAt < end || pingAt <= plus(lastCallAt, seconds(64)))) {
        this.#beginPings(pingAt)
        pingAt = plus(pingAt, pingEvery)
      } else {
        const step = this.#takeStep()
        if (!step) return
        yield this.#give(step)
      }
    }
  }

  #later(one: EpochMicros, other: EpochMicros): EpochMicros {
    return one > other ? one : other
  }

  #nextAttempt(after: EpochMicros): EpochMicros {
    const mean = 1e6 / (this.#options.attemptsPerSecond ?? 5)
    return plus(after, micros(Math.ceil(this.#random.exponential(mean))))
  }

  #takeStep(): Step | undefined {
    const script = this.#scripts.pop()
    if (!script) return undefined
    const step = script.steps.pop()
    const following = script.steps.at(-1)
    if (following) {
      script.at = following.at
      this.#scripts.push(script)
    }
    return step
  }

  #give(step: Step): Captured {
    const { leg } = step.transaction
    const { messages } = this.#truth
    messages.sip++
    if (step.copy === 'retransmission') messages.retransmissions++
    if (step.copy === 'duplicate') messages.duplicates++
    for (const note of step.notes)
      this.#truth.note(leg.profile.registry.name, leg.outbound ? 'outbound' : 'inbound', note)
    return writeStep(step)
  }

  #schedule(leg: Leg): EpochMicros {
    const steps = leg.steps.sort((one, other) => one.at - other.at).reverse()
    this.#scripts.push({ at: steps.at(-1)!.at, order: this.#serial, steps })
    return steps[0]!.at
  }

  #leg(profile: CarrierProfile, outbound: boolean, before?: Leg): Leg {
    const ends = { profile, outbound, sbc: this.#random.pick(ourSbcs), serial: ++this.#serial }
    return new Leg(ends, this.#random, before)
  }

  /** Returns the time of the call's last message. */
  #beginCall(at: EpochMicros): EpochMicros {
    const profile = this.#random.weighted(this.#peers, peer => peer.share)
    const leg = this.#leg(profile, !this.#random.chance(profile.inbound))
    const plan = this.#plan(leg, at, true)
    const ended = playAttempt(leg, at, plan, this.#random)
    if (leg.outbound && this.#goesElsewhere(plan.ending)) this.#reroute(leg, plus(ended, millis(120)))
    return this.#schedule(leg)
  }

  /** Redirected calls and many of the congested ones hunt on to another peer: one call, two attempts. */
  #goesElsewhere(ending: Ending): boolean {
    return ending === 302 || (ending === 503 && this.#random.chance(0.6))
  }

  #reroute(failed: Leg, at: EpochMicros): void {
    const others = this.#peers.filter(peer => peer !== failed.profile)
    if (others.length === 0) return
    const leg = this.#leg(
      this.#random.weighted(others, peer => peer.share),
      true,
      failed
    )
    const plan: Plan = { ...this.#plan(leg, at, false), early: 'early_media', ending: 'answered' }
    playAttempt(leg, at, plan, this.#random)
  }

  #plan(leg: Leg, at: EpochMicros, opensCall: boolean): Plan {
    const [early, ending] = this.#random.weighted(leg.profile.mix, ([, , weight]) => weight)
    const talkSeconds = holdingSeconds(this.#options.medianTalkSeconds ?? 90, this.#random)
    const updateRejectedFrom = this.#since('update_rejected', leg.profile)
    const plan = { early, ending, talkSeconds, updateRejectedFrom, opensCall }
    const silentFrom = this.#since('early_media_unanswered', leg.profile)
    const isSilent = leg.outbound && silentFrom !== undefined && at >= silentFrom && ending === 'answered'
    if (!isSilent || this.#random.chance(0.08)) return plan
    const waitSeconds = this.#random.between(25, 55)
    return { ...plan, early: 'early_media', ending: this.#random.pick(['cancelled', 480]), waitSeconds }
  }

  #since(kind: Incident['kind'], profile: CarrierProfile): EpochMicros | undefined {
    const incident = this.#incidents.find(known => known.kind === kind && known.peer === profile.registry.name)
    return incident && plus(this.#options.start, seconds(incident.afterSeconds))
  }

  /** One each way with every peer, spread over the interval. */
  #beginPings(at: EpochMicros): void {
    for (const profile of this.#peers)
      for (const outbound of [true, false]) {
        const leg = this.#leg(profile, outbound)
        ping(leg, plus(at, micros(Math.round(this.#random.between(0, pingEvery)))), this.#random)
        this.#schedule(leg)
      }
  }
}

import { epochMicros, seconds, type EpochMicros } from '@earshot/units'

/** By the machine's clock. */
export const systemTime = (): EpochMicros => epochMicros(Date.now() * 1e3)

/** A machine's clock that is set further than this is not believed at once. */
const MOST_APART = seconds(5)
/** But when it stays there for so long. */
const BELIEVED_AFTER = seconds(30)

export type SteadyClockParts = {
  /** The machine's clock, in milliseconds since 1970: it can be set, ahead and back. */
  readonly wallMs?: () => number
  /** Milliseconds since some moment: only ever rises, at the pace of time. */
  readonly steadyMs?: () => number
}

/**
 * The collector's time: the machine's clock as it was at the start, and from there a steady one, for the watermark never
 * goes back: were the machine's clock set an hour ahead and then back, everything would count as late for that hour.
 *
 * Compared every so often by `follow`. A difference of at most 5 s is followed at once. A greater one is followed when
 * it has been there for 30 s without a pause, as after a suspend or once NTP has found the time of a machine that
 * started with a wrong one; until then packets count by the time that was believed before.
 */
export class SteadyClock {
  readonly #wallMs: () => number
  readonly #steadyMs: () => number
  /** What the steady clock lacks to the time, in microseconds. */
  #ahead: number
  /** Since when the machine's clock is far apart, by the steady one. */
  #apartSince: number | undefined

  constructor({ wallMs = Date.now, steadyMs = () => performance.now() }: SteadyClockParts = {}) {
    this.#wallMs = wallMs
    this.#steadyMs = steadyMs
    this.#ahead = this.#difference()
  }

  readonly now = (): EpochMicros => epochMicros(Math.round(this.#steadyMs() * 1e3 + this.#ahead))

  /** Compares with the machine's clock; to be called about once a second or more often. */
  follow(): void {
    const difference = this.#difference()
    const steady = this.#steadyMs() * 1e3
    if (Math.abs(difference - this.#ahead) > MOST_APART) {
      this.#apartSince ??= steady
      if (steady - this.#apartSince < BELIEVED_AFTER) return
    }
    this.#ahead = difference
    this.#apartSince = undefined
  }

  #difference(): number {
    return this.#wallMs() * 1e3 - this.#steadyMs() * 1e3
  }
}

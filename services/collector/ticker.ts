import { setImmediate } from 'node:timers/promises'
import type { Component } from '@earshot/runtime'
import { epochMicros, minus, plus, seconds, type EpochMicros } from '@earshot/units'
import type { SteadyClock } from './clock.ts'
import type { Intake } from './intake.ts'
import type { Packer } from './packer.ts'

/** Somebody whose clock is far behind, or a flood, holds the time back no longer than this. */
const MOST_HELD = seconds(60)

/** Sockets, each giving what it was sent in order. */
export interface Source {
  /**
   * How far those sockets were read that may have more, the one read least. Undefined when all that had come was read.
   * Asking ends the period in which a socket counts as one that may have more.
   */
  unreadAfter(): EpochMicros | undefined
}

/**
 * The time to tell; undefined for none.
 *
 * @param now when the reading began
 * @param unread how far was read what was not read to its end
 */
export type TimeToTell = (now: EpochMicros, unread: EpochMicros | undefined) => EpochMicros | undefined

type Parts = {
  readonly packer: Pick<Packer, 'isFull' | 'flush' | 'cut'>
  readonly sources: readonly Source[]
  readonly clock: Pick<SteadyClock, 'now' | 'follow'>
  readonly time: TimeToTell
  readonly everyMs: number
}

/**
 * Tells every partition the time every so often, and never a time before which something may still be unread: not after
 * the process stood still, and not while the log is slower than what comes in. The time is the steady one of `clock`,
 * which is compared with the machine's each time.
 */
export class Ticker implements Component {
  readonly name = 'ticks'
  readonly #parts: Parts
  #timer: NodeJS.Timeout | undefined
  #ticking: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      this.#ticking ??= this.tick().finally(() => (this.#ticking = undefined))
    }, this.#parts.everyMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#ticking
  }

  async tick(): Promise<void> {
    const { packer, sources, clock, time } = this.#parts
    clock.follow()
    const begun = clock.now()
    if (packer.isFull) await packer.flush()
    // One turn of the event loop accepts connections, the next one reads what they brought.
    await setImmediate()
    await setImmediate()
    const unread = sources.map(source => source.unreadAfter()).filter(each => each !== undefined)
    packer.cut(time(begun, unread.length > 0 ? epochMicros(Math.min(...unread)) : undefined))
  }
}

/** The system's time, or how far was read what is behind it. Only rises. */
export function systemTicks(): TimeToTell {
  let told = epochMicros(-Infinity)
  return (now, unread = now) => {
    const time = epochMicros(Math.min(now, Math.max(unread, minus(now, MOST_HELD))))
    if (time <= told) return undefined
    told = time
    return time
  }
}

/**
 * Only packets move this clock. Once they have stopped it goes on by the lateness, so that the last ones are counted
 * too, and then stands: a time told twice says that the traffic has ended.
 */
export function captureTicks(intake: Pick<Intake, 'newest' | 'packed'>, latenessSeconds: number): TimeToTell {
  let packed = 0
  let told: EpochMicros | undefined
  return (_now, unread) => {
    const idle = intake.packed === packed && unread === undefined
    packed = intake.packed
    const time = idle ? plus(intake.newest, seconds(latenessSeconds)) : intake.newest
    if (!Number.isFinite(time) || (!idle && time === told)) return undefined
    told = time
    return time
  }
}

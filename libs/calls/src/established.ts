import { callGivenUp } from './call-end.ts'
import { readResting, restingRow, type RestingRow } from './established-row.ts'
import { none } from './grown.ts'
import type { CallEndRecord } from './records.ts'
import type { Call, Established } from './state.ts'
import { epochMicros, type EpochMicros } from '@earshot/units'

const HOUR = 3600e6
/** A call is followed until the end of the hour in which it has lasted for a day. */
const LONGEST_HOURS = 24
/** About 300 MB. What is answered beyond is given up at once. */
const MOST_CALLS = 1_000_000
const VERSION = 1
const PREFIX = 'established '

/** Gets each end, and what was known of its call. */
export type TellEnd = (record: CallEndRecord, established: Established) => void

type Kept = { readonly forgetAt: number; readonly text: string }

/**
 * Answered calls between the messages of their answer and those of their end, which may be hours apart: by Call-ID, as
 * text, and nothing else of the call. Bounded in number and in time: what is given up is told as such, once.
 */
export class EstablishedCalls {
  readonly #calls = new Map<string, Kept>()
  readonly #changed = new Set<string>()
  readonly #tell: TellEnd
  readonly #keepsChanges: boolean
  #nextHour = -Infinity

  constructor(tell: TellEnd, keepsChanges: boolean) {
    this.#tell = tell
    this.#keepsChanges = keepsChanges
  }

  get size(): number {
    return this.#calls.size
  }

  /** Keeps what a call that is forgotten leaves, if anything. */
  put({ callId, established }: Pick<Call, 'callId' | 'established'>, now: EpochMicros): void {
    if (established.length === 0) return
    if (this.#calls.size >= MOST_CALLS) return this.#giveUp(callId, established, now)
    const forgetAt = forgottenAfter(established)
    if (forgetAt <= now) return this.#giveUp(callId, established, epochMicros(forgetAt))
    this.#calls.set(callId, { forgetAt, text: write(established) })
    this.#touched(callId)
  }

  /** Hands out what was kept of the call, and keeps it no longer. */
  take(callId: string): readonly Established[] {
    const kept = this.#calls.get(callId)
    if (!kept) return none
    this.#calls.delete(callId)
    this.#touched(callId)
    return read(kept.text)
  }

  /** Gives up what was followed for too long; looks for it once in an hour. */
  advance(now: EpochMicros): void {
    if (now < this.#nextHour) return
    this.#nextHour = (Math.floor(now / HOUR) + 1) * HOUR
    const due = [...this.#calls].filter(([, { forgetAt }]) => forgetAt <= now)
    for (const [callId, { forgetAt, text }] of due.sort(inOrder)) {
      this.#giveUp(callId, read(text), epochMicros(forgetAt))
      this.#calls.delete(callId)
      this.#touched(callId)
    }
  }

  /** State changed since the last call of this, by key; a value is absent where the key ended. */
  changes(): { key: string; value: Buffer | undefined }[] {
    const changes = [...this.#changed].map(callId => {
      const kept = this.#calls.get(callId)
      return { key: `${PREFIX}${callId}`, value: kept && Buffer.from(kept.text) }
    })
    this.#changed.clear()
    return changes
  }

  /**
   * Takes back what `changes` gave; false where it did not.
   *
   * @throws when a later version wrote it
   */
  restore(key: string, value: Buffer): boolean {
    if (!key.startsWith(PREFIX)) return false
    const text = value.toString()
    this.#calls.set(key.slice(PREFIX.length), { forgetAt: forgottenAfter(read(text)), text })
    return true
  }

  #giveUp(callId: string, established: readonly Established[], at: EpochMicros): void {
    for (const each of established) this.#tell(callGivenUp(callId, each, at), each)
  }

  #touched(callId: string): void {
    if (this.#keepsChanges) this.#changed.add(callId)
  }
}

function forgottenAfter(established: readonly Established[]): number {
  const first = Math.min(...established.map(({ answeredAt }) => answeredAt))
  return (Math.floor(first / HOUR) + LONGEST_HOURS + 1) * HOUR
}

const inOrder = ([callA, a]: [string, Kept], [callB, b]: [string, Kept]): number =>
  a.forgetAt - b.forgetAt || (callA < callB ? -1 : 1)

const write = (established: readonly Established[]): string => JSON.stringify([VERSION, established.map(restingRow)])

function read(text: string): Established[] {
  const [version, rows] = JSON.parse(text) as [number, RestingRow[]]
  if (version > VERSION) {
    throw new Error(`An answered call has format ${version}; this version of Earshot reads up to ${VERSION}`)
  }
  return rows.map(readResting)
}

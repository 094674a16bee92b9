import type { LogRecord, Stage, Work } from '@earshot/bus'
import { bounded } from '@earshot/calls'
import { decodeHep, type HepPacket } from '@earshot/hep'
import { findCallId, looksLikeSip } from '@earshot/sip'
import type { RawMessage, Store } from '@earshot/store'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { framesOf, readPackets } from '../pipeline.ts'
import { HeldMessages } from './held-messages.ts'
import type { Segment } from './segment.ts'
import type { Wanted } from './wanted.ts'

/** Why messages that were to be judged are not. */
export type Unheld = 'disk' | 'full'

export type MessagesParts = {
  readonly store: Pick<Store, 'write' | 'interesting'>
  readonly wanted: Wanted
  readonly newSegment: () => Segment
  /** How long frames are held at most, and how much of them in all partitions together. */
  readonly holdSeconds: number
  readonly holdBytes: number
  /** What all partitions hold, as `onHeld` was told. */
  readonly heldBytes: () => number
  /** The disk is nearly full: nothing is held, and nothing written. */
  readonly isDiskFull: () => boolean
  /** More bytes are held, or fewer. */
  readonly onHeld: (change: number) => void
  readonly onKept: (messages: number, rows: number) => void
  readonly onUnheld: (messages: number, why: Unheld) => void
}

/** Calls of which messages are written together: some megabytes. */
const CALLS_AT_ONCE = 500

/**
 * Holds the packets of one partition for a quarter of an hour and keeps those of calls that turn out to be worth it. A call
 * is known to be as soon as this process has kept its records; when the oldest of its messages would go the store is
 * asked, which knows of every process's records.
 *
 * Its state is in the log: it asks for the packets that it held again after a restart. What is kept twice then the store
 * knows by its contents.
 */
export class MessagesStage implements Stage {
  readonly #parts: MessagesParts
  readonly #held: HeldMessages
  #minute = -Infinity
  #toldBytes = 0

  constructor(parts: MessagesParts) {
    this.#parts = parts
    this.#held = new HeldMessages(parts.newSegment)
  }

  restore(): Promise<void> {
    return Promise.resolve()
  }

  async handle(records: readonly LogRecord[]): Promise<Work> {
    for (const record of records) {
      const input = readPackets(record)
      if (input.kind === 'packets') this.#hold(input.frames, record)
      else this.#tick(input.newest)
    }
    this.#held.flush()
    await this.#keep(this.#parts.wanted.among(callId => this.#held.has(callId)))
    await this.#judgeOldest()
    const resumeFrom = this.#held.oldestOffset
    return { emit: [], changed: [], ...(resumeFrom !== undefined && { resumeFrom }) }
  }

  dropped(): void {
    this.#held.dropAll()
    this.#tellHeld()
  }

  #tellHeld(): void {
    const { bytes } = this.#held
    this.#parts.onHeld(bytes - this.#toldBytes)
    this.#toldBytes = bytes
  }

  #hold(frames: Buffer, { offset }: LogRecord): void {
    for (const frame of framesOf(frames)) {
      const packet = decodeHep(frame)
      if (packet.kind === 'error' || !looksLikeSip(packet.payload)) continue
      const callId = callIdOf(packet)
      if (callId === undefined) continue
      if (this.#minute === -Infinity) this.#tick(packet.capturedAt ?? epochMicros(0))
      if (this.#parts.isDiskFull()) this.#parts.onUnheld(1, 'disk')
      else this.#held.hold(callId, frame, { minute: this.#minute, offset })
    }
  }

  #tick(newest: EpochMicros): void {
    this.#minute = Math.max(this.#minute, Math.floor(newest / 60e6))
  }

  /** Judges what is as old as may be, or more than may be. */
  async #judgeOldest(): Promise<void> {
    const { holdSeconds, holdBytes, heldBytes, store, wanted, onUnheld } = this.#parts
    for (;;) {
      this.#tellHeld()
      const isTooMuch = heldBytes() > holdBytes
      const oldest = this.#held.oldest(isTooMuch ? Infinity : this.#minute - Math.ceil(holdSeconds / 60))
      if (!oldest) return
      const callIds = [...oldest]
      const interesting = await store.interesting(callIds)
      const kept = callIds.filter(callId => interesting.has(callId) || wanted.isSampled(callId))
      await this.#keep(kept)
      if (isTooMuch && oldest.size > 0) onUnheld(oldest.size, 'full')
      this.#held.drop()
    }
  }

  async #keep(callIds: readonly string[]): Promise<void> {
    const { store, isDiskFull, onKept, onUnheld } = this.#parts
    for (let from = 0; from < callIds.length; from += CALLS_AT_ONCE) {
      const some = callIds.slice(from, from + CALLS_AT_ONCE)
      const messages = some.flatMap(callId => this.#held.take(callId).flatMap(frame => messageOf(callId, frame)))
      if (messages.length === 0) continue
      if (isDiskFull()) onUnheld(messages.length, 'disk')
      else onKept(messages.length, (await store.write({ messages })).rows)
    }
  }
}

const callIdOf = ({ payload }: HepPacket): string | undefined => {
  const callId = findCallId(payload)
  return callId === undefined || callId.length === 0 ? undefined : bounded(callId.toString())
}

function messageOf(callId: string, frame: Buffer): RawMessage[] {
  const packet = decodeHep(frame)
  if (packet.kind === 'error') return []
  const { capturedAt = epochMicros(0), agent, transport, source, destination, payload } = packet
  return [{ callId, capturedAt, agent, transport, source, destination, payload }]
}

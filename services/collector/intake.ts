import { partitionOf } from '@earshot/bus'
import {
  decodeHep,
  encodedHepLength,
  encodeHep,
  eraseHepAuthKey,
  maxFrameLength,
  retimeHep,
  type HepError,
  type HepPacket
} from '@earshot/hep'
import { findCallId } from '@earshot/sip'
import { catalogue, type BoundCounter, type Metrics } from '@earshot/telemetry'
import { epochMicros, type EpochMicros } from '@earshot/units'
import type { Agents } from './agents.ts'
import type { Packer } from './packer.ts'

const SIP = 1

export type Via = 'udp' | 'tcp'

/** Why a frame was not packed. */
type FrameDrop = HepError['code'] | 'not-sip' | 'keep-alive' | 'too-long' | 'overload' | 'lost-boundary'
/** What happens to sockets; no frame is counted by it. */
type SocketDrop = 'connection-error' | 'connection-refused' | 'socket-error'

const noDrops: Readonly<Record<FrameDrop | SocketDrop, number>> = {
  'not-hep': 0,
  truncated: 0,
  'bad-length': 0,
  'bad-chunk-length': 0,
  'bad-family': 0,
  'bad-compression': 0,
  'not-sip': 0,
  'keep-alive': 0,
  'too-long': 0,
  overload: 0,
  'lost-boundary': 0,
  'connection-error': 0,
  'connection-refused': 0,
  'socket-error': 0
}

/**
 * Takes every frame that a socket gives: decodes, counts, sets its time right and packs it for its partition. Each is
 * counted once as received, and once as packed or as dropped for a reason.
 */
export class Intake {
  /** Newest event time of all packets packed. */
  newest = epochMicros(-Infinity)
  /** Frames packed for the log. */
  packed = 0
  readonly drops = new Map<string, number>(Object.entries(noDrops))
  readonly #agents: Agents
  readonly #packer: Packer
  readonly #metrics: Metrics
  readonly #now: () => EpochMicros
  readonly #counters: Readonly<Record<Via, { packets: readonly BoundCounter[]; bytes: BoundCounter }>>

  constructor(agents: Agents, packer: Packer, metrics: Metrics, now: () => EpochMicros) {
    this.#agents = agents
    this.#packer = packer
    this.#metrics = metrics
    this.#now = now
    const counters = (transport: Via) => ({
      packets: ['unknown', '1', '2', '3'].map(version =>
        metrics.counter(catalogue.packets).bind({ transport, version })
      ),
      bytes: metrics.counter(catalogue.packetBytes).bind({ transport })
    })
    this.#counters = { udp: counters('udp'), tcp: counters('tcp') }
  }

  /**
   * The frame is changed in place, and free again afterwards. Total.
   *
   * Returns the packet's own time where it is believed: its socket has been read at least so far.
   */
  take(frame: Buffer, via: Via): EpochMicros | undefined {
    const packet = decodeHep(frame)
    if (packet.kind === 'error') {
      this.refuse(packet.code, via, frame.length)
      return undefined
    }
    this.#received(via, packet.version, frame.length)
    const arrivedAt = this.#now()
    const { at, why } = this.#agents.heard(packet.agent, packet.capturedAt, arrivedAt)
    if (why) this.#metrics.add(catalogue.timesAdjusted, 1, { reason: why })
    this.#pack(packet, at, why !== undefined)
    return why === undefined || why === 'shifted' ? at : undefined
  }

  /** Counts frames that are not even decoded. */
  refuse(reason: FrameDrop, via: Via, bytes: number, frames = 1): void {
    this.#received(via, 0, bytes, frames)
    this.drop(reason, frames)
  }

  drop(reason: FrameDrop | SocketDrop, count = 1): void {
    this.drops.set(reason, this.drops.get(reason)! + count)
  }

  /** @param version 0 where it is not known */
  #received(via: Via, version: 0 | 1 | 2 | 3, bytes: number, frames = 1): void {
    const counters = this.#counters[via]
    counters.packets[version]!.add(frames)
    counters.bytes.add(bytes)
  }

  #pack(packet: HepPacket, at: EpochMicros, retimed: boolean): void {
    if (packet.payload.length === 0) return this.drop('keep-alive')
    if (packet.protocol !== SIP) return this.drop('not-sip')
    const kept = this.#asHep3(packet, at, retimed)
    if (!kept) return this.drop('too-long')
    if (at > this.newest) this.newest = at
    this.packed++
    this.#packer.add(this.#partition(packet), kept)
  }

  /** The packet as a HEPv3 frame of that time, without its password. */
  #asHep3(packet: HepPacket, at: EpochMicros, retimed: boolean): Buffer | undefined {
    const { frame } = packet
    const inPlace = packet.version === 3 && (!retimed || retimeHep(frame, at))
    if (inPlace) {
      if (packet.authKey) eraseHepAuthKey(frame)
      return frame
    }
    const fields = { ...packet.fields(), capturedAt: at, authKey: undefined }
    return encodedHepLength(fields) <= maxFrameLength ? encodeHep(fields) : undefined
  }

  /** By Call-ID, so that all of a call meets in one partition; without one by HEP's correlation id. */
  #partition(packet: HepPacket): number {
    const { partitions } = this.#packer
    if (partitions === 1) return 0
    const key = findCallId(packet.payload) ?? packet.correlationId
    return key === undefined ? 0 : partitionOf(key, partitions)
  }
}

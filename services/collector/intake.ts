import { partitionOf } from '@earshot/bus'
import {
  decodeHep,
  encodedHepLength,
  encodeHep,
  eraseHepAuthKey,
  maxFrameLength,
  retimeHep,
  type HepPacket
} from '@earshot/hep'
import { findCallId } from '@earshot/sip'
import { catalogue, type BoundCounter, type Metrics } from '@earshot/telemetry'
import { epochMicros, type EpochMicros } from '@earshot/units'
import type { Agents } from './agents.ts'
import type { Packer } from './packer.ts'

const SIP = 1

export type Via = 'udp' | 'tcp'

/** Shown at 0 before they first happen; the decoder's error codes join them when they do. */
const usualDrops = ['not-hep', 'truncated', 'not-sip', 'keep-alive', 'overload', 'lost-boundary', 'connection-error']

/** Takes every frame that a socket gives: decodes, counts, sets its time right and packs it for its partition. */
export class Intake {
  /** Newest event time of all packets taken. */
  newest = epochMicros(-Infinity)
  readonly drops = new Map<string, number>(usualDrops.map(reason => [reason, 0]))
  readonly #agents: Agents
  readonly #packer: Packer
  readonly #metrics: Metrics
  readonly #now: () => EpochMicros
  readonly #counters: Readonly<Record<Via, { packets: BoundCounter[]; bytes: BoundCounter }>>

  constructor(agents: Agents, packer: Packer, metrics: Metrics, now: () => EpochMicros) {
    this.#agents = agents
    this.#packer = packer
    this.#metrics = metrics
    this.#now = now
    const counters = (transport: Via) => ({
      packets: ['1', '2', '3'].map(version => metrics.counter(catalogue.packets).bind({ transport, version })),
      bytes: metrics.counter(catalogue.packetBytes).bind({ transport })
    })
    this.#counters = { udp: counters('udp'), tcp: counters('tcp') }
  }

  /** The frame is changed in place, and free again afterwards. Total. */
  take(frame: Buffer, via: Via): void {
    const packet = decodeHep(frame)
    if (packet.kind === 'error') return this.drop(packet.code)
    const counters = this.#counters[via]
    counters.packets[packet.version - 1]!.add(1)
    counters.bytes.add(frame.length)

    const arrivedAt = this.#now()
    const { at, why } = this.#agents.heard(packet.agent, packet.capturedAt, arrivedAt)
    if (why) this.#metrics.add(catalogue.timesAdjusted, 1, { reason: why })
    if (packet.payload.length === 0) return this.drop('keep-alive')
    if (packet.protocol !== SIP) return this.drop('not-sip')

    const kept = this.#asHep3(packet, at, why !== undefined)
    if (!kept) return this.drop('too-long')
    if (at > this.newest) this.newest = at
    this.#packer.add(this.#partition(packet), kept)
  }

  drop(reason: string, count = 1): void {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + count)
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

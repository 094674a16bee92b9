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
import { isMediaProtocol } from '@earshot/rtp'
import { catalogue, type BoundCounter, type Metrics } from '@earshot/telemetry'
import { epochMicros, type EpochMicros } from '@earshot/units'
import type { Access, Refusal, Source, Verdict } from './access.ts'
import type { Agent, Agents } from './agents.ts'
import type { DeadLetters } from './dead-letters.ts'
import { partitionOfPacket } from './frame-partition.ts'
import type { Packer } from './packer.ts'

const SIP = 1

export type Via = 'udp' | 'tcp' | 'tls'

/** Why a packet was not packed that could be read. */
type PacketDrop = Refusal | 'future' | 'not-sip' | 'keep-alive' | 'too-long'
/** Why a frame was not packed. */
type FrameDrop = HepError['code'] | PacketDrop | 'overload' | 'spool-full' | 'lost-boundary'
/** Why a frame was packed and is not in the log. */
type PackedDrop = 'refused-by-log'
/** What happens to sockets; no frame is counted by it. */
export type SocketDrop =
  | 'connection-error'
  | 'connection-refused'
  | 'connection-not-allowed'
  | 'too-many-connections'
  | 'too-many-handshakes'
  | 'tls-handshake'
  | 'socket-error'
  | 'kernel'

const noDrops: Readonly<Record<FrameDrop | PackedDrop | SocketDrop, number>> = {
  'not-hep': 0,
  truncated: 0,
  'bad-length': 0,
  'bad-chunk-length': 0,
  'bad-family': 0,
  'bad-compression': 0,
  'not-allowed': 0,
  unauthorized: 0,
  'rate-limited': 0,
  future: 0,
  'not-sip': 0,
  'keep-alive': 0,
  'too-long': 0,
  overload: 0,
  'spool-full': 0,
  'lost-boundary': 0,
  'refused-by-log': 0,
  'connection-error': 0,
  'connection-refused': 0,
  'connection-not-allowed': 0,
  'too-many-connections': 0,
  'too-many-handshakes': 0,
  'tls-handshake': 0,
  'socket-error': 0,
  kernel: 0
}

type Parts = {
  readonly agents: Agents
  readonly access: Access
  readonly packer: Packer
  readonly metrics: Metrics
  readonly now: () => EpochMicros
  /** Frames that cannot be decoded go there as well. */
  readonly deadLetters?: Pick<DeadLetters, 'take'>
}

/**
 * Takes every frame that a socket gives: decodes, asks whether its agent may, counts, sets its time right and packs it
 * for its partition. Each is counted once as received, and once as packed or as dropped for a reason.
 */
export class Intake {
  /** Newest event time of all SIP packed: reports of media move no clock. */
  newest = epochMicros(-Infinity)
  /** Frames packed for the log. */
  packed = 0
  readonly drops = new Map<string, number>(Object.entries(noDrops))
  readonly #parts: Parts
  readonly #counters: Readonly<Record<Via, { packets: readonly BoundCounter[]; bytes: BoundCounter }>>

  constructor(parts: Parts) {
    const { metrics } = parts
    this.#parts = parts
    const counters = (transport: Via) => ({
      packets: ['unknown', '1', '2', '3'].map(version =>
        metrics.counter(catalogue.packets).bind({ transport, version })
      ),
      bytes: metrics.counter(catalogue.packetBytes).bind({ transport })
    })
    this.#counters = { udp: counters('udp'), tcp: counters('tcp'), tls: counters('tls') }
  }

  /**
   * The frame is changed in place, and free again afterwards. Total.
   *
   * Returns the packet's own time where it is believed: its socket has been read at least so far.
   */
  take(frame: Buffer, via: Via, source: Source): EpochMicros | undefined {
    const { agents, access, now, metrics } = this.#parts
    const arrivedAt = now()
    const packet = decodeHep(frame)
    if (packet.kind === 'error') {
      this.#broken(packet.code, frame, via, source, arrivedAt)
      return undefined
    }
    this.#received(via, packet.version, frame.length)
    const verdict = access.verdict(source, packet, arrivedAt)
    if (verdict.refused !== undefined) {
      this.#refused(packet, via, source, verdict, verdict.refused)
      return undefined
    }
    const agent = agents.heard(packet.agent, arrivedAt)
    seen(agent, via, source, verdict)
    const time = agents.timeOf(agent, packet.capturedAt, arrivedAt)
    if (time.refused !== undefined) {
      this.#dropOf(agent, time.refused)
      return undefined
    }
    const { at, why } = time
    if (why) metrics.add(catalogue.timesAdjusted, 1, { reason: why })
    this.#pack(packet, agent, at, why !== undefined)
    return why === undefined || why === 'shifted' ? at : undefined
  }

  /** Counts frames that are not even decoded. */
  refuse(reason: FrameDrop, via: Via, bytes: number, frames = 1): void {
    this.#received(via, 0, bytes, frames)
    this.drop(reason, frames)
  }

  drop(reason: FrameDrop | PackedDrop | SocketDrop, count = 1): void {
    this.drops.set(reason, this.drops.get(reason)! + count)
  }

  /** @param version 0 where it is not known */
  #received(via: Via, version: 0 | 1 | 2 | 3, bytes: number, frames = 1): void {
    const counters = this.#counters[via]
    counters.packets[version]!.add(frames)
    counters.bytes.add(bytes)
  }

  #broken(reason: HepError['code'], frame: Buffer, via: Via, { address, agent }: Source, at: EpochMicros): void {
    this.refuse(reason, via, frame.length)
    this.#parts.deadLetters?.take(frame, { reason, transport: via, address, agent, at })
  }

  /** What a packet says of its agent is not believed: it only shows there as refused. */
  #refused(packet: HepPacket, via: Via, source: Source, verdict: Verdict, reason: Refusal): void {
    const agent = this.#parts.agents.refused(packet.agent)
    if (agent && agent.packets === 0) seen(agent, via, source, verdict)
    this.#dropOf(agent, reason)
  }

  #dropOf(agent: Agent | undefined, reason: PacketDrop): void {
    this.drop(reason)
    agent?.drops.set(reason, (agent.drops.get(reason) ?? 0) + 1)
  }

  #pack(packet: HepPacket, agent: Agent, at: EpochMicros, retimed: boolean): void {
    if (packet.payload.length === 0) return this.#dropOf(agent, 'keep-alive')
    const isSip = packet.protocol === SIP
    if (!isSip && !isMediaProtocol(packet.protocol)) return this.#dropOf(agent, 'not-sip')
    const kept = this.#asHep3(packet, at, retimed)
    if (!kept) return this.#dropOf(agent, 'too-long')
    if (isSip && at > this.newest) this.newest = at
    this.packed++
    const { packer } = this.#parts
    packer.add(partitionOfPacket(packet, packer.partitions), kept)
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
}

/** Notes how a packet came. */
function seen(agent: Agent, via: Via, source: Source, { listedAs, authenticated }: Verdict): void {
  source.agent = agent.name
  agent.transports.add(via)
  agent.address = source.address
  agent.listedAs = listedAs
  agent.authenticated = authenticated
}

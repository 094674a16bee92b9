import { decodeHep, HepFramer, HepPacket, maxPayloadLength } from '@earshot/hep'
import {
  findCallId,
  originLine,
  parseDescription,
  readSip,
  SipMessage,
  SipStreamFramer,
  transactionKey
} from '@earshot/sip'

/** Stands before and behind each input in memory: whoever reads or writes past the input meets it. */
const song = 'CANARYBIRD'
const fence = Buffer.from(song.repeat(8))

/**
 * Memory for inputs, each with fences around it. One piece for all, used from its beginning again when told so: then
 * what the system's allocator makes of a million pieces is not mistaken for memory that somebody keeps.
 */
export class Pen {
  readonly #memory: Buffer
  #used = 0

  constructor(bytes: number) {
    this.#memory = Buffer.alloc(bytes)
  }

  /** The input in here, as long as there is room. */
  fenced(bytes: Buffer): Buffer {
    const at = this.#used + fence.length
    const end = at + bytes.length
    this.#used = end + fence.length
    if (this.#used > this.#memory.length) throw new Error('the inputs of a round are longer than the memory for them')
    fence.copy(this.#memory, at - fence.length)
    bytes.copy(this.#memory, at)
    fence.copy(this.#memory, end)
    return this.#memory.subarray(at, end)
  }

  /** Nobody may use what was given out before. */
  empty(): void {
    this.#used = 0
  }
}

/** Throws when something was written around the input. */
export function checkFence(input: Buffer): void {
  const { buffer, byteOffset, length } = input
  const before = Buffer.from(buffer, byteOffset - fence.length, fence.length)
  const behind = Buffer.from(buffer, byteOffset + length, fence.length)
  if (!before.equals(fence) || !behind.equals(fence)) throw new Error('written outside of the frame')
}

/** What `decodeHep` makes of the input, all of it read and found to be inside. */
export function readFrame(input: Buffer): HepPacket | undefined {
  const packet = decodeHep(input)
  if (packet.kind === 'error') {
    if (!(packet.offset >= 0 && packet.offset <= input.length)) throw new Error(`offset ${packet.offset} is outside`)
    return undefined
  }
  for (const getter of hepGetters) checkInside(packet[getter], input, `HepPacket.${getter}`)
  checkInside(packet.fields(), input, 'HepPacket.fields')
  for (let type = 0; type < 0x30; type++) checkInside(packet.chunk(type), input, `HepPacket.chunk(${type})`)
  return packet
}

/** What `readSip` makes of the input, every getter of every message read and found to be inside. */
export function readMessages(input: Buffer): readonly SipMessage[] {
  const { messages, rest } = readSip(input)
  if (rest && !(rest.offset >= 0 && rest.offset <= input.length)) throw new Error(`offset ${rest.offset} is outside`)
  checkInside(findCallId(input), input, 'findCallId')
  for (const message of messages) {
    for (const getter of sipGetters) checkInside(message[getter], input, `SipMessage.${getter}`)
    checkInside(transactionKey(message), input, 'transactionKey')
    checkInside([message.requires('100rel'), message.supports('timer')], input, 'requires')
    for (const name of ['Subject', 'v', 'VIA', 'Contact', '']) checkInside(message.headers(name), input, name)
    checkInside(message.header('f'), input, 'header')
    if (!message.description) continue
    checkInside(originLine(message.description), input, 'originLine')
    parseDescription(message.description)
  }
  return messages
}

/** Every getter that there is, later ones included. */
const gettersOf = <T extends object>(prototype: T): readonly (keyof T)[] =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([, descriptor]) => 'get' in descriptor)
    .map(([name]) => name as keyof T)

const hepGetters = gettersOf(HepPacket.prototype)
const sipGetters = gettersOf(SipMessage.prototype)

function checkInside(value: unknown, input: Buffer, name: string): void {
  if (typeof value === 'string') {
    if (value.includes(song)) throw new Error(`${name} was read outside of the input`)
  } else if (Buffer.isBuffer(value)) {
    const at = value.byteOffset - input.byteOffset
    const isInside = value.buffer === input.buffer && at >= 0 && at + value.length <= input.length
    // A payload that was inflated is memory of its own.
    const isInflated = value.buffer !== input.buffer && value.length <= maxPayloadLength
    if (!isInside && !(isInflated && /payload|fields/.test(name))) throw new Error(`${name} is outside of the input`)
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) checkInside(each, input, name)
  }
}

/** Streams that never end: what comes out of them must be whole, whatever went in. */
export class Streams {
  #hep = new HepFramer()
  #sip = new SipStreamFramer()

  pushHep(input: Buffer, cut: number): void {
    for (const frame of [...this.#hep.push(input.subarray(0, cut)), ...this.#hep.push(input.subarray(cut))]) {
      const result = decodeHep(frame)
      if (result.kind === 'error' && (result.code === 'truncated' || result.code === 'not-hep')) {
        throw new Error(`the framer gave a frame that is ${result.code}`)
      }
    }
  }

  pushSip(input: Buffer, cut: number): void {
    // A stream that was given up is looked at no more.
    if (this.#sip.notSip) this.#sip = new SipStreamFramer()
    for (const message of [...this.#sip.push(input.subarray(0, cut)), ...this.#sip.push(input.subarray(cut))]) {
      if (message.length === 0) throw new Error('the framer gave an empty message')
    }
  }
}

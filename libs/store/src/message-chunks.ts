import { hash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { epochMicros, type EpochMicros, type Transport } from '@earshot/units'
import { mostOfCall, type RawMessage } from './store.ts'

/** Messages of one Call-ID, compressed together: those of a call repeat each other. */
export type MessageChunk = {
  readonly callId: string
  /** Hash of what is in it. */
  readonly id: string
  /** Of its first message. */
  readonly at: EpochMicros
  readonly count: number
  readonly data: Buffer
}

const FORMAT = 1

/** Bytes are text of Latin-1, which loses none. */
type Packed = [
  at: number,
  agent: string,
  transport: Transport,
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  payload: string
]

export function chunksOf(messages: readonly RawMessage[]): MessageChunk[] {
  const calls = new Map<string, RawMessage[]>()
  for (const message of messages) {
    const own = calls.get(message.callId)
    if (own) own.push(message)
    else calls.set(message.callId, [message])
  }
  return Array.from(calls, ([callId, own]) => chunkOf(callId, own))
}

function chunkOf(callId: string, messages: readonly RawMessage[]): MessageChunk {
  const packed = sorted(messages.map(pack))
  const text = JSON.stringify({ format: FORMAT, messages: packed })
  return {
    callId,
    id: hash('sha1', text, 'base64url'),
    at: epochMicros(packed[0]![0]),
    count: packed.length,
    data: zstdCompressSync(text)
  }
}

/**
 * The messages of one Call-ID, in the order of time, each once: the first `mostOfCall`. What is far behind those is not read.
 *
 * @param chunks the oldest first
 * @throws for a format that a later version wrote
 */
export function messagesIn(callId: string, chunks: Iterable<Uint8Array>): RawMessage[] {
  const all = new Map<string, Packed>()
  for (const data of chunks) {
    const { format, messages } = JSON.parse(zstdDecompressSync(data).toString()) as {
      format: number
      messages: Packed[]
    }
    if (format > FORMAT) {
      throw new Error(`Messages of format ${format} in the store; this version of Earshot reads up to ${FORMAT}`)
    }
    for (const message of messages) all.set(JSON.stringify(message), message)
    if (all.size >= 2 * mostOfCall.messages) break
  }
  return sorted([...all.values()])
    .slice(0, mostOfCall.messages)
    .map(message => unpack(callId, message))
}

const pack = (message: RawMessage): Packed => [
  message.capturedAt,
  message.agent,
  message.transport,
  message.source.address,
  message.source.port,
  message.destination.address,
  message.destination.port,
  message.payload.toString('latin1')
]

const unpack = (callId: string, [at, agent, transport, from, fromPort, to, toPort, payload]: Packed): RawMessage => ({
  callId,
  capturedAt: epochMicros(at),
  agent,
  transport,
  source: { address: from, port: fromPort },
  destination: { address: to, port: toPort },
  payload: Buffer.from(payload, 'latin1')
})

const sorted = (messages: readonly Packed[]): Packed[] =>
  messages.toSorted((a, b) => a[0] - b[0] || compare(JSON.stringify(a), JSON.stringify(b)))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * How many HEPv3 frames of a typical size one CPU-second decodes, times and addresses read, ours beside hep-js; and how
 * many the framer cuts out of a stream. Run: node libs/hep/bench/decode.bench.ts
 */
import { epochMicros } from '@earshot/units'
import hepJs from 'hep-js'
import { decodeHep, encodeHep, HepFramer } from '../src/index.ts'
import type { HepFields } from '../src/index.ts'

const frameLength = 700
const rounds = 3
/** As many as one carrier's peers, so that no cache is better than in life. */
const peers = 200

const call = (number: number, prefix: string): HepFields => ({
  capturedAt: epochMicros(1_700_000_000_000_000 + number * 1237),
  captureId: 2001,
  protocol: 1,
  transport: 'udp',
  source: { address: `${prefix}1`, port: 5060 },
  destination: { address: `${prefix}${(number % peers) + 2}`, port: 5060 },
  payload: Buffer.alloc(0)
})

function frames(prefix: string): Buffer[] {
  return Array.from({ length: 1000 }, (_, number) => {
    const fields = call(number, prefix)
    const start = `INVITE sip:${number}@example.net SIP/2.0\r\n`
    const size = frameLength - encodeHep(fields).length - 6
    return encodeHep({ ...fields, payload: Buffer.from(start.padEnd(size, 'Via: SIP/2.0/UDP example.org\r\n')) })
  })
}

function readOurs(frame: Buffer): number {
  const packet = decodeHep(frame)
  if (packet.kind === 'error') throw new Error(packet.code)
  const { source, destination } = packet
  return source.address.length + source.port + destination.address.length + packet.capturedAt! + packet.payload.length
}

function readHepJs(frame: Buffer): number {
  const packet = hepJs.decapsulate(frame)
  if (packet === false) throw new Error('hep-js refuses the frame')
  return packet.rcinfo.srcIp.length + packet.rcinfo.timeSeconds + packet.payload.length
}

/** The best of some rounds, in frames per second of user and system time. */
function perCpuSecond(work: () => number): number {
  let best = 0
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    const done = work()
    const { user, system } = process.cpuUsage(before)
    best = Math.max(best, done / ((user + system) / 1e6))
  }
  return Math.round(best)
}

function each(of: readonly Buffer[], times: number, read: (frame: Buffer) => number): () => number {
  return () => {
    let sum = 0
    for (let time = 0; time < times; time++) for (const frame of of) sum += read(frame)
    if (Number.isNaN(sum)) throw new Error('nothing was read')
    return times * of.length
  }
}

function cut(stream: Buffer, pieceLength: number): () => number {
  return () => {
    const framer = new HepFramer()
    let found = 0
    for (let time = 0; time < 500; time++) {
      for (let at = 0; at < stream.length; at += pieceLength) {
        found += framer.push(stream.subarray(at, at + pieceLength)).length
      }
    }
    return found
  }
}

const v4 = frames('10.0.0.')
const v6 = frames('2001:db8::')
const stream = Buffer.concat(v4)

console.table({
  'decodeHep, IPv4': { 'frames per CPU-second': perCpuSecond(each(v4, 2000, readOurs)) },
  'decodeHep, IPv6': { 'frames per CPU-second': perCpuSecond(each(v6, 500, readOurs)) },
  'hep-js decapsulate, IPv4': { 'frames per CPU-second': perCpuSecond(each(v4, 30, readHepJs)) },
  'HepFramer, pieces of 64 KiB': { 'frames per CPU-second': perCpuSecond(cut(stream, 65_536)) },
  'HepFramer, pieces of 1448 bytes': { 'frames per CPU-second': perCpuSecond(cut(stream, 1448)) }
})
console.log(`${frameLength}-byte frames, best of ${rounds} rounds, process.cpuUsage(), Node ${process.versions.node}`)

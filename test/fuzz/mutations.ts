import type { Random } from './random.ts'

/** Makes another message of one; `other` is a second one, to take parts from. Lengths may come out of proportion. */
type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer

const LONGEST = 0xffff

/** Up to four mutations, one behind the other; one message in twenty stays whole, so that state is built up. */
export function mutate(bytes: Buffer, random: Random, other: Buffer, kinds: readonly Mutation[]): Buffer {
  if (random.once(20)) return bytes
  let mutated = bytes
  for (let left = 1 + random.below(4); left > 0; left--) mutated = random.pick(kinds)(mutated, random, other)
  return mutated.subarray(0, LONGEST)
}

/** The bytes with those from `at` to `end` replaced. */
const replaced = (bytes: Buffer, at: number, end: number, by: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(end)])

/** Where a part of the bytes begins and ends, mostly a short one. */
function part(bytes: Buffer, random: Random): readonly [number, number] {
  const at = random.below(bytes.length + 1)
  const most = random.once(4) ? bytes.length - at : Math.min(40, bytes.length - at)
  return [at, at + random.below(most + 1)]
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

const strange = [
  latin1('\0'),
  latin1('\0'.repeat(64)),
  latin1('\xff\xfe'),
  latin1('\xc0\xaf'),
  latin1('\xed\xa0\x80'),
  latin1('\xf4\x90\x80\x80'),
  latin1('"'),
  latin1('\\'),
  latin1('<'),
  latin1('>'),
  latin1('('),
  latin1(';;;=;,'),
  latin1('['),
  latin1('%00'),
  latin1('__proto__'),
  latin1('HEP3'),
  latin1('SIP/2.0')
]

const flipBits: Mutation = (bytes, random) => {
  const flipped = Buffer.from(bytes)
  for (let left = 1 + random.below(8); left > 0 && flipped.length > 0; left--) {
    flipped[random.below(flipped.length)]! ^= 1 << random.below(8)
  }
  return flipped
}

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1))

const remove: Mutation = (bytes, random) => replaced(bytes, ...part(bytes, random), latin1(''))

const duplicate: Mutation = (bytes, random) => {
  const [at, end] = part(bytes, random)
  const times = random.once(50) ? random.below(200) : 1 + random.below(3)
  const copies = Array.from({ length: times }, () => bytes.subarray(at, end))
  return replaced(bytes, end, end, Buffer.concat(copies).subarray(0, LONGEST))
}

const insertStrange: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1)
  return replaced(bytes, at, at, random.pick(strange))
}

const insertNoise: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1)
  return replaced(bytes, at, at, Buffer.from(Array.from({ length: 1 + random.below(30) }, () => random.below(256))))
}

const splice: Mutation = (bytes, random, other) =>
  Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1))])

const join: Mutation = (bytes, _random, other) => Buffer.concat([bytes, other])

/** What any bytes can suffer. */
const onBytes = [flipBits, truncate, remove, duplicate, insertStrange, insertNoise, splice, join]

const extremes = [0, 1, 5, 6, 7, 8, 0x7fff, 0x8000, 0xfffe, 0xffff]

/** The length of the frame, or of one of its chunks. */
const wrongLength: Mutation = (bytes, random) => {
  const lengths = [4, ...chunksOf(bytes).map(at => at + 4)]
  return withUint16(bytes, random.pick(lengths), before =>
    random.once(3) ? before + random.below(5) - 2 : random.pick(extremes)
  )
}

const wrongVendor: Mutation = (bytes, random) =>
  withUint16(bytes, random.pick([0, ...chunksOf(bytes)]), () => random.pick([1, 0x0a, 0xffff]))

const wrongType: Mutation = (bytes, random) =>
  withUint16(bytes, random.pick([0, ...chunksOf(bytes).map(at => at + 2)]), () => random.below(0x30))

const swapChunks: Mutation = (bytes, random) => {
  const starts = chunksOf(bytes)
  if (starts.length < 2) return bytes
  const chunks = starts.map((at, index) => bytes.subarray(at, starts[index + 1]))
  const [one, another] = [random.below(chunks.length), random.below(chunks.length)]
  ;[chunks[one], chunks[another]] = [chunks[another]!, chunks[one]!]
  return Buffer.concat([bytes.subarray(0, 6), ...chunks])
}

/** Where chunks begin, as far as the lengths still lead. */
function chunksOf(bytes: Buffer): number[] {
  const starts: number[] = []
  for (let at = 6; at + 6 <= bytes.length && starts.length < 40; at += Math.max(6, bytes.readUInt16BE(at + 4))) {
    starts.push(at)
  }
  return starts
}

function withUint16(bytes: Buffer, at: number, value: (before: number) => number): Buffer {
  if (at + 2 > bytes.length) return bytes
  const changed = Buffer.from(bytes)
  changed.writeUInt16BE(value(bytes.readUInt16BE(at)) & 0xffff, at)
  return changed
}

/** What a HEP frame can suffer. */
export const onHep: readonly Mutation[] = [...onBytes, wrongLength, wrongLength, wrongVendor, wrongType, swapChunks]

const onText =
  (change: (text: string, random: Random) => string): Mutation =>
  (bytes, random) =>
    latin1(change(bytes.toString('latin1'), random))

/** Replaces one of the places that the pattern matches. */
function replaceOne(text: string, random: Random, pattern: RegExp, by: (match: string) => string): string {
  const places = [...text.matchAll(pattern)]
  if (places.length === 0) return text
  const { 0: match, index } = random.pick(places)
  return text.slice(0, index) + by(match) + text.slice(index + match.length)
}

const numbers = [
  '0',
  '-1',
  '00000000000000000000001',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '9007199254740993',
  '1e309',
  '9'.repeat(400),
  ''
]

const hugeNumber = onText((text, random) => replaceOne(text, random, /\d+/g, () => random.pick(numbers)))

const wrongContentLength = onText((text, random) =>
  replaceOne(text, random, /(?<=Content-Length: ?)\d+/gi, before =>
    random.once(3) ? String(Number(before) + random.below(5) - 2) : random.pick(numbers)
  )
)

const lineEnds = ['\n', '\r', '\r\n\r\n', '\n\r', '\r\n ', '\r\n\t', '\n ', '\r\r\n', ' \r\n', '']

const wrongLineEnd = onText((text, random) => replaceOne(text, random, /\r\n/g, () => random.pick(lineEnds)))

const bareLineEnds = onText((text, random) => text.replaceAll('\r\n', random.pick(lineEnds.slice(0, 4))))

const lines = (change: (lines: string[], random: Random) => void): Mutation =>
  onText((text, random) => {
    const all = text.split('\r\n')
    change(all, random)
    return all.join('\r\n')
  })

const swapNames = lines((all, random) => {
  const [one, another] = [random.below(all.length), random.below(all.length)]
  const [first, second] = [all[one]!.split(':'), all[another]!.split(':')]
  all[one] = [second[0], ...first.slice(1)].join(':')
  all[another] = [first[0], ...second.slice(1)].join(':')
})

const moveLine = lines((all, random) => {
  const [line] = all.splice(random.below(all.length), 1)
  all.splice(random.below(all.length + 1), 0, line!)
})

const repeatLine = lines((all, random) => {
  const line = random.pick(all)
  const times = random.once(20) ? random.below(500) : 1 + random.below(3)
  all.splice(random.below(all.length + 1), 0, ...Array.from({ length: times }, () => line))
})

const headers = [
  'i: another-call',
  'l: 5',
  'v: SIP/2.0/UDP [2001:db8::9:1]:99999;branch=z9hG4bK',
  'Via: , ,SIP / 2.0 / TCP a;branch=',
  't: "\\"<sip:a>" <sip:b;tag=c>;tag=d;tag=e',
  'RAck: 4294967296 1 INVITE',
  'RSeq: 0',
  'Reason: Q.850;cause=16,SIP;cause="x;y"',
  'Allow:',
  'Allow: INVITE,,UPDATE, \t,PRACK',
  'Content-Type: multipart/mixed;boundary=""',
  'Content-Type: multipart/mixed;boundary=b\r\nContent-Length: 9999',
  'Retry-After: 1e9 (comment(',
  'CSeq: 2147483648 INVITE',
  'X'.repeat(3000)
]

const addHeader = lines((all, random) => void all.splice(1, 0, random.pick(headers)))

const methods = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'PRACK',
  'UPDATE',
  'INFO',
  'invite',
  'X',
  'SIP/2.0 487',
  'SIP/2.0 200'
]

const otherMethod = onText((text, random) =>
  replaceOne(text, random, /\b(?:INVITE|ACK|BYE|CANCEL|PRACK|UPDATE|SIP\/2\.0 \d{3})\b/g, () => random.pick(methods))
)

/** What a SIP message can suffer. */
export const onSip: readonly Mutation[] = [
  ...onBytes,
  hugeNumber,
  wrongContentLength,
  wrongLineEnd,
  wrongLineEnd,
  bareLineEnds,
  swapNames,
  moveLine,
  repeatLine,
  addHeader,
  otherMethod
]

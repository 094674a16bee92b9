/**
 * Generic chunk types that the codec or its users read. Every other type is skipped, and can be read with
 * `HepPacket.chunk`.
 *
 * Source: HEP3 network protocol specification REV 37, generic chunk types.
 */
export const chunkType = {
  family: 0x01,
  transport: 0x02,
  source4: 0x03,
  destination4: 0x04,
  source6: 0x05,
  destination6: 0x06,
  sourcePort: 0x07,
  destinationPort: 0x08,
  seconds: 0x09,
  micros: 0x0a,
  protocol: 0x0b,
  captureId: 0x0c,
  keepAliveSeconds: 0x0d,
  authKey: 0x0e,
  payload: 0x0f,
  compressedPayload: 0x10,
  correlationId: 0x11,
  vlan: 0x12,
  node: 0x13,
  mos: 0x20
} as const

/** Chunks of any other vendor mean what that vendor says, whatever their type. */
export const genericVendor = 0

/** "HEP3" and the length of the frame; vendor, type and length of a chunk. Both lengths count their header. */
export const headerLength = 6

/** What the 16 bits of a frame's length can say. */
export const maxFrameLength = 0xffff

export const uint16 = (bytes: Buffer, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

export const uint32 = (bytes: Buffer, at: number): number => uint16(bytes, at) * 0x10000 + uint16(bytes, at + 2)

/** "HEP3" stands at `at`. */
export const isHep3 = (bytes: Buffer, at: number): boolean =>
  bytes[at] === 0x48 && bytes[at + 1] === 0x45 && bytes[at + 2] === 0x50 && bytes[at + 3] === 0x33

/** Where the chunk at `at` ends, or 0 if its length is below that of its header or crosses `end`. */
export function chunkEnd(bytes: Buffer, at: number, end: number): number {
  if (at + headerLength > end) return 0
  const length = uint16(bytes, at + 4)
  return length < headerLength || at + length > end ? 0 : at + length
}

/** The data of every generic chunk of this type, as views; none if the bytes do not begin with a whole frame. */
export function chunksOf(frame: Buffer, type: number): readonly Buffer[] {
  if (frame.length < headerLength || !isHep3(frame, 0)) return []
  const end = uint16(frame, 4)
  if (end > frame.length) return []
  const found: Buffer[] = []
  for (let at = headerLength; at < end;) {
    const next = chunkEnd(frame, at, end)
    if (next === 0) return []
    if (uint16(frame, at) === genericVendor && uint16(frame, at + 2) === type) {
      found.push(frame.subarray(at + headerLength, next))
    }
    at = next
  }
  return found
}

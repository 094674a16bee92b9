/** What stands at a cursor's position, or what became of the frame. */
export type Layer =
  | 'ethernet'
  | 'etherType'
  | 'sll'
  | 'sll2'
  | 'loopback'
  | 'ppp'
  | 'ciscoHdlc'
  | 'pppoe'
  | 'mpls'
  | 'gre'
  | 'gtp'
  | 'vxlan'
  | 'ip'
  | 'ipProtocol'
  | 'udp'
  | End

/** Nothing further to strip: a payload to look at, or a reason why there is none. */
export type End = 'datagram' | 'tcp' | 'sctp' | 'esp' | 'incomplete' | 'other' | 'bad'

export type BadFrame =
  | 'short-link-header'
  | 'short-tunnel-header'
  | 'short-ip-header'
  | 'bad-ip-length'
  | 'bad-fragment'
  | 'short-transport-header'
  | 'bad-transport-length'
  | 'too-many-layers'

/** A frame while its layers are stripped: `bytes[at, end)` is what is left of it. One object serves all frames. */
export class Cursor {
  bytes: Buffer = Buffer.alloc(0)
  at = 0
  end = 0
  /** Bytes that the innermost IP header promises behind `end`: cut off by the snap length. */
  missing = 0
  /** EtherType or IP protocol number of what stands at `at`. */
  protocol = 0
  /** Where the addresses of the innermost IP header are: `ipVersion` 4 or 6, source first. */
  ipVersion = 0
  addresses: Buffer = this.bytes
  addressesAt = 0
  sourcePort = 0
  destinationPort = 0
  problem: BadFrame = 'too-many-layers'

  start(bytes: Buffer, at: number, end: number): void {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.missing = 0
  }

  /** Bytes left. Every layer asks before it reads. */
  get length(): number {
    return this.end - this.at
  }

  /** The byte `offset` after the position; the caller has checked the length. */
  u8(offset: number): number {
    return this.bytes[this.at + offset]!
  }

  u16(offset: number): number {
    const at = this.at + offset
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  u32(offset: number): number {
    return this.u16(offset) * 0x10000 + this.u16(offset + 2)
  }

  /** Steps over a header; the result is what stands behind it. */
  skip(length: number, next: Layer, protocol = 0): Layer {
    this.at += length
    this.protocol = protocol
    return next
  }

  fail(problem: BadFrame): Layer {
    this.problem = problem
    return 'bad'
  }
}

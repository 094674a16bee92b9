/** The longest SIP message taken from WebSocket frames. */
const maxMessage = 65_536
const maxHandshake = 16_384

/**
 * Whether the HTTP message that a connection's direction begins with opens a WebSocket for SIP; undefined while its
 * header is not whole. The subprotocol must be named by both sides (RFC 7118 §4.1).
 */
export function readHandshake(head: Buffer): { readonly isSip: boolean; readonly length: number } | undefined {
  const end = head.indexOf('\r\n\r\n')
  if (end < 0) return head.length > maxHandshake ? { isSip: false, length: head.length } : undefined
  const header = head.toString('latin1', 0, end)
  const isSip = /^upgrade:[ \t]*websocket/im.test(header) && /^sec-websocket-protocol:.*\bsip\b/im.test(header)
  return { isSip, length: end + 4 }
}

/** Splits one direction of a WebSocket into messages. Total; bounded by 64 KiB. Source: RFC 6455 §5.2. */
export class WebSocketFramer {
  #rest: Buffer = Buffer.alloc(0)
  #message: Buffer[] = []
  #messageLength = 0
  /** What came is not WebSocket, or compressed, or too long; nothing more comes of it. */
  isBroken = false

  push(chunk: Buffer): readonly Buffer[] {
    const messages: Buffer[] = []
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    while (!this.isBroken) {
      const frame = this.#frame(bytes)
      if (frame === undefined) break
      this.#take(frame, messages)
      bytes = bytes.subarray(frame.length)
    }
    this.#rest = this.isBroken ? Buffer.alloc(0) : Buffer.from(bytes)
    return messages
  }

  #frame(bytes: Buffer): Frame | undefined {
    if (bytes.length < 2) return undefined
    const [first, second] = [bytes[0]!, bytes[1]!]
    const short = second & 0x7f
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0
    const header = 2 + extended + (second & 0x80 ? 4 : 0)
    // The reserved bits stand for extensions, which RFC 7118 does not use.
    this.isBroken = (first & 0x70) !== 0 || !opcodes.includes(first & 0x0f)
    if (this.isBroken || bytes.length < header) return undefined
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
    this.isBroken = length > maxMessage
    if (this.isBroken || bytes.length < header + length) return undefined
    const payload = bytes.subarray(header, header + length)
    const mask = second & 0x80 ? bytes.subarray(header - 4, header) : undefined
    return {
      isLast: (first & 0x80) !== 0,
      opcode: first & 0x0f,
      payload: unmask(payload, mask),
      length: header + length
    }
  }

  #take({ opcode, payload, isLast }: Frame, messages: Buffer[]): void {
    if (opcode >= 8) return // close, ping and pong may stand between the frames of a message
    if (opcode !== 0) this.#reset()
    this.#message.push(payload)
    this.#messageLength += payload.length
    this.isBroken = this.#messageLength > maxMessage
    if (!isLast) return
    messages.push(this.#message.length === 1 ? payload : Buffer.concat(this.#message))
    this.#reset()
  }

  #reset(): void {
    this.#message = []
    this.#messageLength = 0
  }
}

type Frame = { readonly isLast: boolean; readonly opcode: number; readonly payload: Buffer; readonly length: number }

const opcodes = [0, 1, 2, 8, 9, 10]

const unmask = (payload: Buffer, mask: Buffer | undefined): Buffer =>
  mask === undefined ? payload : Buffer.from(payload.map((byte, index) => byte ^ mask[index & 3]!))

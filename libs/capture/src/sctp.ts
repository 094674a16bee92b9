import type { Cursor } from './cursor.ts'

type SctpContent = {
  /** Where the whole user messages are. */
  readonly messages: readonly { readonly at: number; readonly end: number }[]
  /** Chunks that carry only a part of one. */
  readonly fragments: number
  /** A chunk's length is wrong; the messages before it are there. */
  readonly isBad: boolean
}

/** The DATA chunks of the SCTP packet at the cursor. Source: RFC 9260 §3.1, §3.3.1. */
export function sctpMessages(frame: Cursor): SctpContent {
  const messages: { at: number; end: number }[] = []
  let fragments = 0
  if (frame.length < 12) return { messages, fragments, isBad: true }
  frame.sourcePort = frame.u16(0)
  frame.destinationPort = frame.u16(2)
  frame.at += 12
  while (frame.length >= 4) {
    const isData = frame.u8(0) === 0
    const length = frame.u16(2)
    if (length < (isData ? 17 : 4) || length > frame.length) return { messages, fragments, isBad: true }
    const isWhole = (frame.u8(1) & 3) === 3
    if (isData && isWhole) messages.push({ at: frame.at + 16, end: frame.at + length })
    else if (isData) fragments++
    frame.at += Math.min(frame.length, Math.ceil(length / 4) * 4)
  }
  return { messages, fragments, isBad: false }
}

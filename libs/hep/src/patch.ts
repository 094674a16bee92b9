import type { EpochMicros } from '@earshot/units'
import { chunksOf, chunkType } from './chunk.ts'

/**
 * Gives an encoded HEPv3 frame another capture time, in place. False, and the frame unchanged, when it does not tell
 * both seconds and microseconds, when 32 bits of seconds cannot hold the time, or when the bytes are no such frame.
 */
export function retimeHep(frame: Buffer, time: EpochMicros): boolean {
  const seconds = Math.floor(time / 1e6)
  if (!(seconds >= 0 && seconds <= 0xffffffff)) return false
  const secondsChunks = chunksOf(frame, chunkType.seconds)
  const microsChunks = chunksOf(frame, chunkType.micros)
  if (secondsChunks.length === 0 || microsChunks.length === 0) return false
  if ([...secondsChunks, ...microsChunks].some(chunk => chunk.length !== 4)) return false
  for (const chunk of secondsChunks) chunk.writeUInt32BE(seconds)
  for (const chunk of microsChunks) chunk.writeUInt32BE(Math.floor(time % 1e6))
  return true
}

/** Overwrites the capture password of an encoded HEPv3 frame with zeros, in place, so that nobody keeps it. */
export function eraseHepAuthKey(frame: Buffer): void {
  for (const chunk of chunksOf(frame, chunkType.authKey)) chunk.fill(0)
}

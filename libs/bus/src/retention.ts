import type { LogFile, Stream } from './log-file.ts'

/** What the local log keeps: whichever bound is met first. */
export type Retention = { readonly ageMs: number; readonly bytes: number }

/** So that a transaction stays short; what is left falls with the next ones. */
const deletionsAtOnce = 256

/**
 * Deletes what the bounds do not cover, oldest first, inside the transaction at hand. Age spares what a group still
 * needs; size spares nothing, for a full disk would stop everything. Returns the streams that were cut.
 */
export function retain(file: LogFile, { ageMs, bytes }: Retention, nowMs: number): ReadonlySet<Stream> {
  const cut = new Set<Stream>()
  let kept = file.streams.reduce((sum, stream) => sum + stream.bytes, 0)
  for (let deletions = 0; deletions < deletionsAtOnce; deletions++) {
    const oldest = oldestOf(kept > bytes ? file.streams : file.streams.filter(isDoneWith))
    if (oldest === undefined || (kept <= bytes && oldest.oldestMs >= nowMs - ageMs)) break
    kept -= oldest.bytes
    file.deleteOldest(oldest)
    kept += oldest.bytes
    cut.add(oldest)
  }
  return cut
}

const isDoneWith = ({ first, members }: Stream): boolean => members.every(member => first < member.resume)

/** The one whose first record is the oldest of all; undefined when none has a record. */
function oldestOf(streams: readonly Stream[]): Stream | undefined {
  let oldest: Stream | undefined
  for (const stream of streams) {
    if (stream.first < stream.next && (oldest === undefined || stream.oldestMs < oldest.oldestMs)) oldest = stream
  }
  return oldest
}

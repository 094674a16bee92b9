import type { EpochMicros } from '@earshot/units'

/** How far one socket was read. */
export class Reading {
  /** It gave all that one turn takes since it was last asked. */
  mayHaveMore = false
  #newest: EpochMicros | undefined

  /** Of a packet whose time is not believed nothing is noted. */
  note(time: EpochMicros | undefined): void {
    if (time !== undefined && (this.#newest === undefined || time > this.#newest)) this.#newest = time
  }

  unreadAfter(hasMore: boolean): EpochMicros | undefined {
    const unread = hasMore || this.mayHaveMore
    this.mayHaveMore = false
    return unread ? this.#newest : undefined
  }
}

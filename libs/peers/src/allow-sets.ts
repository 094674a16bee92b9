import type { AllowEvidence } from '@earshot/calls'
import { KeyedStates } from './keyed-states.ts'
import type { DetectorChange } from './detector.ts'

/*
 * MC-7 and MC-10. Times are epoch seconds. What a second brought of one source and agent counts together: a method that
 * one message of it lists was not absent in that second, in whatever order the messages were.
 */

const AGREED = 50
const IN_A_ROW = 20
/** A set that is repeated is seen anew once a minute, so that it costs no state each second. */
const SEEN_EVERY = 60
/** Methods followed in one track; what a flood of names adds beyond is not. */
const MOST_LISTINGS = 64

type Source = AllowEvidence['source']

/** The Allow of one source and agent of a peer. */
export type AllowTrack = {
  readonly peer: string
  readonly source: Source
  readonly agent: string
  methods: readonly string[]
  /** When that set was seen last, to the minute. */
  seen: number
  /** The set before this one. */
  before?: readonly string[]
  listings: Listing[]
}

/** What is known of one method in the sets of a track. */
type Listing = {
  readonly method: string
  /** Messages that listed it, up to `AGREED`. */
  listed: number
  /** Messages in a row without it, and when the first of them was. */
  absent?: readonly [messages: number, since: number]
  /** It was dropped, and so many messages in a row list it again. */
  again?: number
}

export type AllowEvents = {
  readonly dropped: (track: AllowTrack, method: string, since: number, raised: number) => void
  readonly listedAgain: (track: AllowTrack, method: string, ended: number) => void
}

export type Advertised = { readonly value: 'yes' | 'no' | 'mixed' | 'unknown'; readonly seen?: number }

/** Keeps what peers say that they take, and tells when a method is not in it any more. */
export class AllowSets {
  readonly #tracks = new KeyedStates<AllowTrack>('allows', 1)
  readonly #byPeer = new Map<string, Map<string, AllowTrack>>()
  readonly #events: AllowEvents
  readonly #inMaintenance: (peer: string, second: number) => boolean
  /** What this second brought, by source and agent of a peer. */
  #second = -Infinity
  readonly #rows = new Map<string, AllowEvidence[]>()

  constructor(events: AllowEvents, inMaintenance: (peer: string, second: number) => boolean) {
    this.#events = events
    this.#inMaintenance = inMaintenance
  }

  get keys(): readonly string[] {
    return [this.#tracks.word]
  }

  /** Those of a peer, the one whose set was seen last at the end. */
  tracks(peer: string): AllowTrack[] {
    return Array.from(this.#byPeer.get(peer)?.values() ?? []).sort(
      (a, b) => a.seen - b.seen || (`${a.source} ${a.agent}` < `${b.source} ${b.agent}` ? -1 : 1)
    )
  }

  peers(): Iterable<string> {
    return this.#byPeer.keys()
  }

  /**
   * What the latest sets of a peer say of a method (MC-8). The set of an 18x holds only while early, so those are judged
   * by themselves, and so are the others (MC-7).
   */
  advertised(peer: string, method: string): Advertised {
    const tracks = this.tracks(peer)
    const seen = tracks.at(-1)?.seen
    if (seen === undefined) return { value: 'unknown' }
    const early = tracks.filter(({ source }) => source === 'provisional')
    const lasting = tracks.filter(({ source }) => source !== 'provisional')
    const said = [early, lasting].map(each => listingIn(each, method))
    return { value: said.find(each => each === 'yes') ?? said.find(each => each === 'mixed') ?? 'no', seen }
  }

  observe(row: AllowEvidence): void {
    if (row.second !== this.#second) this.advance(row.second)
    this.#second = row.second
    const name = nameOf(row)
    const rows = this.#rows.get(name)
    if (rows) rows.push(row)
    else this.#rows.set(name, [row])
  }

  /** Everything before this second has been observed. */
  advance(until: number): void {
    if (until <= this.#second) return
    for (const rows of this.#rows.values()) this.#fold(rows)
    this.#rows.clear()
  }

  changes(): DetectorChange[] {
    return this.#tracks.changes()
  }

  restore(key: string, value: Buffer | undefined): void {
    const track = this.#tracks.restore(key, value)
    if (track) this.#index(track)
  }

  #fold(rows: readonly AllowEvidence[]): void {
    const first = rows[0]!
    const track = this.#byPeer.get(first.peer)?.get(nameOf(first)) ?? trackOf(first)
    let touched = noteSet(track, rows)
    const messages = rows.reduce((sum, { count }) => sum + count, 0)
    for (const method of new Set(rows.flatMap(row => row.methods))) {
      if (track.listings.length >= MOST_LISTINGS) break
      if (!track.listings.some(each => each.method === method)) track.listings.push({ method, listed: 0 })
    }
    for (const listing of track.listings) {
      const listed = rows.reduce((sum, row) => sum + (row.methods.includes(listing.method) ? row.count : 0), 0)
      const changes =
        listed > 0
          ? this.#listed(track, listing, { listed, messages, second: first.second })
          : this.#absent(track, listing, messages, first.second)
      touched ||= changes
    }
    track.listings = track.listings.filter(isWanted)
    if (!touched) return
    this.#tracks.set(track, track.peer, track.source, track.agent)
    this.#index(track)
  }

  /** False where that changes nothing. */
  #listed(
    track: AllowTrack,
    listing: Listing,
    { listed, messages, second }: { readonly listed: number; readonly messages: number; readonly second: number }
  ): boolean {
    const { absent, again } = listing
    if (listing.listed === AGREED && !absent && again === undefined) return false
    listing.listed = Math.min(listing.listed + listed, AGREED)
    delete listing.absent
    if (again === undefined) return true
    // In a row: where some message did not list it, the row begins anew.
    listing.again = listed === messages ? again + messages : 0
    if (listing.again < IN_A_ROW) return true
    delete listing.again
    this.#events.listedAgain(track, listing.method, second)
    return true
  }

  #absent(track: AllowTrack, listing: Listing, messages: number, second: number): boolean {
    if (listing.again !== undefined) {
      const changes = listing.again > 0
      listing.again = 0
      return changes
    }
    if (this.#inMaintenance(track.peer, second)) return false
    const [before, since] = listing.absent ?? [0, second]
    listing.absent = [before + messages, since]
    if (before + messages < IN_A_ROW || listing.listed < AGREED) return true
    delete listing.absent
    listing.again = 0
    this.#events.dropped(track, listing.method, since, second)
    return true
  }

  #index(track: AllowTrack): void {
    const tracks = this.#byPeer.get(track.peer) ?? new Map<string, AllowTrack>()
    tracks.set(nameOf(track), track)
    this.#byPeer.set(track.peer, tracks)
  }
}

/** Whether all of the sets list the method, or some. */
function listingIn(tracks: readonly AllowTrack[], method: string): 'yes' | 'no' | 'mixed' {
  const listing = tracks.filter(({ methods }) => methods.includes(method)).length
  if (listing === 0) return 'no'
  return listing === tracks.length ? 'yes' : 'mixed'
}

/** What the set of a track does not list any more: of what was agreed, else of the set before (MC-11). */
export function lostIn({ methods, before = [], listings }: AllowTrack): string[] {
  const agreed = listings.filter(({ listed }) => listed >= AGREED).map(({ method }) => method)
  return (agreed.length > 0 ? agreed.sort() : before).filter(each => !methods.includes(each))
}

const nameOf = ({ peer, source, agent }: Pick<AllowTrack, 'peer' | 'source' | 'agent'>): string =>
  JSON.stringify([peer, source, agent])

const trackOf = ({ peer, source, agent, methods }: AllowEvidence): AllowTrack => ({
  peer,
  source,
  agent,
  methods,
  seen: -Infinity,
  listings: []
})

/** Of the sets of one second the most frequent is the latest. */
function noteSet(track: AllowTrack, rows: readonly AllowEvidence[]): boolean {
  const { methods, second } = rows.reduce((most, row) => (row.count > most.count ? row : most))
  const isNew = methods.join() !== track.methods.join()
  if (isNew) track.before = track.methods
  if (!isNew && second < track.seen + SEEN_EVERY) return false
  track.methods = methods
  track.seen = second - (second % SEEN_EVERY)
  return true
}

/** What never was agreed and is not listed any more is forgotten. */
const isWanted = ({ listed, absent }: Listing): boolean => listed >= AGREED || (absent?.[0] ?? 0) < IN_A_ROW

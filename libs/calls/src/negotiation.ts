import type { Direction } from '@earshot/sip'
import { NO_MEDIA, readMedia, UNKNOWN_MEDIA } from './media-text.ts'
import type { EarlyClass } from './records.ts'
import type { Sighting } from './state.ts'
import { judge, type Fault, type Verdict } from './usable.ts'

export type Side = 'caller' | 'callee'

/** What both sides have said of themselves last. */
export type Agreement = {
  /** undefined where nobody saw it. */
  readonly caller: string | undefined
  readonly callee: string
  /** Who spoke last: his view of the preconditions rules. */
  readonly last: Side
  readonly answerer: Side
  /** The message that had the callee's description: `183`, `UPDATE`, `200 of UPDATE`. */
  readonly calleeIn: string
}

/** An offer of the callee that nobody answered (EM-5). */
export type UnansweredFault = 'offer_unanswered' | 'illegal_offer_unreliable'

export type MediaState = {
  readonly class: EarlyClass
  readonly faults: readonly Fault[]
  readonly calleeHeld: boolean
}

/** How offer and answer, preconditions and permissions of one early dialog stand, message after message (EM-2, EM-5). */
export class Negotiation {
  /** Of the INVITE: '' without one, undefined where the INVITE was not seen. */
  readonly #offer: string | undefined
  /** Offers of the callee that wait for their PRACK. */
  readonly #offers: Sighting[] = []
  #unreliableOffer: Sighting | undefined
  #agreement: Agreement | undefined
  #directions = ''

  constructor(offer: string | undefined) {
    this.#offer = offer
  }

  get agreement(): Agreement | undefined {
    return this.#agreement
  }

  /** Of P-Early-Media, the last value rules (EM-7). */
  get directions(): string {
    return this.#directions
  }

  authorize(directions: string): void {
    if (directions !== '') this.#directions = directions
  }

  /** An 18x: its description is the answer, the newest version of it, or an offer of its own. */
  respond(seen: Sighting): void {
    this.authorize(seen.directions)
    if (seen.media === NO_MEDIA) return
    const calleeIn = String(seen.status)
    if (this.#agreement) this.#agreement = { ...this.#agreement, callee: seen.media, last: 'callee', calleeIn }
    else if (this.#offer !== NO_MEDIA) {
      this.#agreement = { caller: this.#offer, callee: seen.media, last: 'callee', answerer: 'callee', calleeIn }
    } else if (seen.reliable) this.#offers.push(seen)
    else this.#unreliableOffer ??= seen
  }

  /** A PRACK for this response has a description: the answer, if the response had an offer (RFC 3262 §5). */
  answer(rseq: number, media: string): void {
    const offer = this.#agreement ? undefined : this.#offers.find(each => each.rseq === rseq)
    if (!offer) return
    const calleeIn = String(offer.status)
    this.#agreement = { caller: media, callee: offer.media, last: 'caller', answerer: 'caller', calleeIn }
  }

  /** An offer in PRACK or UPDATE was accepted with an answer. */
  settle(agreement: Agreement): void {
    this.#agreement = agreement
  }

  /** What became of an offer of the callee, when nothing more is to come. */
  get unanswered(): { readonly fault: UnansweredFault; readonly offer: Sighting } | undefined {
    if (this.#agreement) return undefined
    const offer = this.#offers.at(-1)
    if (offer) return { fault: 'offer_unanswered', offer }
    return this.#unreliableOffer && { fault: 'illegal_offer_unreliable', offer: this.#unreliableOffer }
  }

  /** undefined while nothing is agreed on. */
  get state(): MediaState | undefined {
    return this.#agreement && stateOf(this.#agreement, this.#directions)
  }
}

/** Carriers repeat themselves: what the same texts come to is remembered. */
const MOST_KNOWN = 1000
const known = new Map<string, Map<string, MediaState>>()
let size = 0

function stateOf(agreement: Agreement, directions: string): MediaState {
  const { caller, callee, last, answerer } = agreement
  const isPlain = directions === '' && last === 'callee' && answerer === 'callee' && caller !== undefined
  const key = isPlain ? caller : `${caller ?? ''}|${caller === undefined}|${directions}|${last}|${answerer}`
  const found = known.get(key)?.get(callee)
  if (found) return found
  const state = derive(agreement, directions)
  if (size++ >= MOST_KNOWN) {
    known.clear()
    size = 1
  }
  const states = known.get(key) ?? new Map<string, MediaState>()
  known.set(key, states.set(callee, state))
  return state
}

function derive({ caller, callee, last, answerer }: Agreement, directions: string): MediaState {
  const newest = last === 'callee' ? callee : (caller ?? NO_MEDIA)
  if (hasUnmetPrecondition(newest, last)) return { class: 'precondition', faults: [], calleeHeld: false }
  const { usable, faults, calleeHeld } = verdictOf(caller, callee, answerer)
  if (faults.length > 0) return { class: 'unusable', faults, calleeHeld }
  return { class: isVetoed(usable, directions) ? 'vetoed' : 'early_media', faults, calleeHeld }
}

/** Towards the caller: what the callee sends and the caller receives (RFC 3312 §5). */
function hasUnmetPrecondition(description: string, speaker: Side): boolean {
  if (description === UNKNOWN_MEDIA) return false
  const way = speaker === 'callee' ? 'send' : 'recv'
  return (readMedia(description) ?? []).some(({ kind, open, unmet }) => kind === 'audio' && open && unmet.includes(way))
}

function verdictOf(caller: string | undefined, callee: string, answerer: Side): Verdict {
  const theirs = callee === UNKNOWN_MEDIA ? undefined : readMedia(callee)
  if (caller !== undefined && caller !== UNKNOWN_MEDIA && callee !== UNKNOWN_MEDIA) {
    return judge(readMedia(caller), theirs, answerer)
  }
  // Not judged: all its audio lines may be usable.
  const usable = (theirs ?? []).flatMap(({ kind }, index) => (kind === 'audio' ? [index] : []))
  return { usable, faults: [], calleeHeld: false }
}

/** No usable line may have media towards the caller (RFC 5009 §8): by line, the last direction for the rest. */
function isVetoed(usable: readonly number[], text: string): boolean {
  if (text === '') return false
  const directions = text.split(' ') as Direction[]
  const lines = usable.length > 0 ? usable : [0]
  return lines.every(line => {
    const direction = directions[Math.min(line, directions.length - 1)]
    return direction === 'recvonly' || direction === 'inactive'
  })
}

import type { Exchange } from './exchanges.ts'
import { NO_MEDIA } from './media-text.ts'
import { Negotiation, type Agreement, type UnansweredFault } from './negotiation.ts'
import { earlyClasses, type EarlyClass } from './records.ts'
import { reliabilityOf, type ReliabilityFlag } from './reliability.ts'
import type { Sighting } from './state.ts'
import type { Fault } from './usable.ts'

/** The facts of one early dialog: an INVITE's CSeq, and the To-tag of its 18x. */
export type EarlyDialog = {
  readonly cseq: number
  readonly toTag: string
  /** The caller's description in the INVITE: '' without one, undefined where the INVITE was not seen. */
  offer: string | undefined
  /** Of the INVITE that got its first response. */
  readonly invitedAt: number
  progress: Sighting[]
  /** The earliest of what ends it (EM-8). */
  endedAt: number
}

/** A message of the dialog: an 18x, or the request or final of an exchange. */
export type Step = { readonly at: number; readonly seen: Sighting; readonly exchange?: Exchange }

/** Why early media cannot play, and the first message after which that was so. */
export type FoundFault = { readonly fault: Fault | UnansweredFault; readonly judgedIn: Step }

/** What came of an early dialog. */
export type Course = {
  readonly dialog: EarlyDialog
  /** The highest state it ever held (EM-2). */
  readonly class: EarlyClass
  /** Where `class` is that of a description, what was agreed on when it came to that first. */
  readonly agreement: Agreement | undefined
  readonly directions: string
  /** The message that brought it to `class`, where that is the class of a description. */
  readonly judgedIn: Step | undefined
  readonly faults: readonly FoundFault[]
  /** The 18x with an offer that nobody answered. */
  readonly unanswered: Sighting | undefined
  readonly calleeHeld: boolean
  readonly offerUnseen: boolean
  /** When early media could play, from to. */
  readonly intervals: readonly (readonly [from: number, to: number])[]
  /** It began after its end: the clocks of two agents differ. */
  readonly clockSkew: boolean
  /** What went wrong with its reliable responses and its exchanges. */
  readonly reliability: readonly ReliabilityFlag[]
}

const order = new Map(earlyClasses.map((name, index) => [name, index]))

export const isHigher = (one: EarlyClass, other: EarlyClass): boolean => order.get(one)! > order.get(other)!

/** Follows a dialog through its messages. `lastAt` ends what nothing else ended. */
export function courseOf(dialog: EarlyDialog, exchanges: readonly Exchange[], lastAt: number): Course {
  const end = dialog.endedAt < Infinity ? dialog.endedAt : lastAt
  // What follows the end, as in the talk, is no early dialog's.
  const own = exchanges.filter(({ toTag, startedAt }) => toTag === dialog.toTag && startedAt <= end)
  const negotiation = new Negotiation(dialog.offer)
  const course = new CourseNotes(end)
  for (const step of stepsOf(dialog, own, end)) {
    if (step.exchange) take(negotiation, dialog, step)
    else negotiation.respond(step.seen)
    course.note(step, negotiation)
  }
  return course.finish(dialog, negotiation, reliabilityOf(dialog, own))
}

function stepsOf({ progress }: EarlyDialog, exchanges: readonly Exchange[], end: number): Step[] {
  const steps: Step[] = progress.map(seen => ({ at: seen.at, seen }))
  for (const exchange of exchanges) {
    for (const seen of [exchange.request, exchange.final]) {
      if (seen && seen.at <= end) steps.push({ at: seen.at, seen, exchange })
    }
  }
  return steps.length > 1 ? steps.sort((a, b) => a.at - b.at) : steps
}

/** A rejected one leaves everything as it was. */
const isRefused = ({ final }: Exchange): boolean => final !== undefined && final.status >= 300

/** Applies a message of PRACK or UPDATE (EM-5, EM-7). */
function take(negotiation: Negotiation, dialog: EarlyDialog, { seen, exchange }: Step): void {
  const { method, byCaller, request } = exchange!
  if (method === 'PRACK' && request && !acknowledges(dialog, request)) return
  if (seen === request) {
    if (method === 'UPDATE' && !isRefused(exchange!)) negotiation.authorize(seen.directions)
    // The answer to a late offer counts even where the PRACK is rejected: the caller listens (EM-6).
    if (method === 'PRACK' && seen.media !== NO_MEDIA) negotiation.answer(seen.rseq, seen.media)
    return
  }
  // Of a rejection neither is kept.
  negotiation.authorize(seen.directions)
  if (!request || request.media === NO_MEDIA || seen.media === NO_MEDIA) return
  const [caller, callee] = byCaller ? [request, seen] : [seen, request]
  const answerer = byCaller ? 'callee' : 'caller'
  const calleeIn = byCaller ? `${seen.status} of ${method}` : method
  negotiation.settle({ caller: caller.media, callee: callee.media, last: answerer, answerer, calleeIn })
}

/** RAck names a reliable 18x of the dialog (RFC 3262 §3). */
const acknowledges = ({ cseq, progress }: EarlyDialog, prack: Sighting): boolean =>
  prack.rackCseq === cseq && progress.some(({ reliable, rseq }) => reliable && rseq === prack.rseq)

const noFaults: readonly never[] = []

class CourseNotes {
  readonly #end: number
  readonly #intervals: [number, number][] = []
  #faults: readonly FoundFault[] = noFaults
  #class: EarlyClass = 'none'
  #judgedIn: Step | undefined
  #agreement: Agreement | undefined
  #directions = ''
  #calleeHeld = false
  #offerUnseen = false
  #since: number | undefined
  #clockSkew = false

  constructor(end: number) {
    this.#end = end
  }

  /** The state after a message. */
  note(step: Step, negotiation: Negotiation): void {
    const { at, seen, exchange } = step
    const { state, agreement, directions } = negotiation
    if (!state) {
      if (!exchange) this.#raise(seen.status === 180 ? 'ringing' : 'progress')
      return
    }
    if (this.#raise(state.class)) {
      this.#judgedIn = step
      this.#agreement = agreement
      this.#directions = directions
    }
    if (state.faults.length > 0) this.#add(state.faults, step)
    this.#calleeHeld ||= state.calleeHeld
    this.#offerUnseen ||= agreement!.caller === undefined
    if (state.class === 'early_media') this.#since ??= at
    else this.#pause(at)
  }

  finish(dialog: EarlyDialog, negotiation: Negotiation, reliability: readonly ReliabilityFlag[]): Course {
    this.#pause(this.#end)
    const unanswered = negotiation.unanswered
    if (unanswered) {
      this.#raise('unusable')
      this.#add([unanswered.fault], { at: unanswered.offer.at, seen: unanswered.offer })
    }
    return {
      dialog,
      class: this.#class,
      agreement: this.#agreement,
      directions: this.#directions,
      judgedIn: this.#judgedIn,
      faults: this.#faults,
      unanswered: unanswered?.offer,
      calleeHeld: this.#calleeHeld,
      offerUnseen: this.#offerUnseen,
      intervals: this.#intervals,
      clockSkew: this.#clockSkew,
      reliability
    }
  }

  #add(faults: readonly (Fault | UnansweredFault)[], judgedIn: Step): void {
    const added = faults.filter(fault => !this.#faults.some(known => known.fault === fault))
    if (added.length > 0) this.#faults = [...this.#faults, ...added.map(fault => ({ fault, judgedIn }))]
  }

  #raise(to: EarlyClass): boolean {
    if (!isHigher(to, this.#class)) return false
    this.#class = to
    return true
  }

  /** Early media cannot play any more. */
  #pause(at: number): void {
    const since = this.#since
    this.#since = undefined
    if (since === undefined) return
    if (since > this.#end) this.#clockSkew = true
    else this.#intervals.push([since, Math.min(at, this.#end)])
  }
}

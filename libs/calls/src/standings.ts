import type { Standing } from './attempt.ts'
import type { Attempt } from './state.ts'

/** An attempt that is not over stood like `was` and stands like `is`: new without the one, over without the other. */
export type StandingChange = { readonly was?: Standing; readonly is?: Standing }

/** Gives a call's open attempts and how each of them stands now. */
export type Look = (callId: string) => readonly (readonly [Attempt, Standing])[]

/** Keeps account of how open attempts stand, so that their sum can be shown without looking at all of them. */
export class Standings {
  readonly #touched = new Set<string>()
  #changes: StandingChange[] = []

  /** Something of this call's attempts may have changed. */
  touched(callId: string): void {
    this.#touched.add(callId)
  }

  /** The attempt is not pending any more. */
  ended({ shown }: Attempt): void {
    if (shown) this.#changes.push({ was: shown })
  }

  /** Found in a snapshot: nobody has been told of it yet. */
  restored({ shown }: Attempt): void {
    if (shown) this.#changes.push({ is: shown })
  }

  /** All changes since the last call of this. */
  changes(look: Look): StandingChange[] {
    for (const callId of this.#touched) this.settle(callId, look)
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /** Notes now how the attempts of a touched call stand, so that it is not asked for later. */
  settle(callId: string, look: Look): void {
    if (!this.#touched.delete(callId)) return
    for (const [attempt, standing] of look(callId)) this.#note(attempt, standing)
  }

  #note(attempt: Attempt, is: Standing): void {
    this.#changes.push(attempt.shown ? { was: attempt.shown, is } : { is })
    attempt.shown = is
  }
}

import type { LegsRecord } from '@earshot/calls'
import { isoTime } from '../attempt-row.ts'

/** Joined calls that are shown one by one: some 20 MB of text. Of what is beyond there is the number. */
const MOST_SHOWN = 20_000
/** Places of faults that are told apart. */
const MOST_PLACES = 1000
const PLACES_IN_TEXT = 5

/** What became of the legs of B2BUA calls, kept until everything else is told; bounded, however long the files are. */
export class LegsReport {
  readonly #rows: string[] = []
  readonly #places = new Map<string, number>()
  readonly #isShown: boolean
  #records = 0
  #calls = 0
  #crowd = 0

  /** @param options.shown whether `json` will be asked for */
  constructor({ shown }: { readonly shown: boolean }) {
    this.#isShown = shown
  }

  take(record: LegsRecord): void {
    this.#records++
    if (record.crowd === undefined) this.#calls++
    else this.#crowd += record.crowd
    if (this.#isShown && this.#rows.length < MOST_SHOWN) this.#rows.push(JSON.stringify(row(record)))
    for (const { peer, direction, codes } of record.faults) {
      const place = `${direction === 'inbound' ? 'from' : 'to'} ${peer} (${codes.join(', ')})`
      const count = this.#places.get(place)
      if (count !== undefined || this.#places.size < MOST_PLACES) this.#places.set(place, (count ?? 0) + 1)
    }
  }

  /** Members of the offline answer, each with a comma behind it. */
  json(notKept: number): string {
    const left = this.#records - this.#rows.length
    const more = [
      ...(left > 0 ? [`"legsNotShown": ${left},\n`] : []),
      ...(notKept > 0 ? [`"legsNotKept": ${notKept},\n`] : [])
    ]
    return `"legs": [${this.#rows.map(each => `\n  ${each}`).join(',')}],\n${more.join('')}`
  }

  /** A line for people; nothing where no legs were joined. */
  text(): string {
    const crowd = this.#crowd > 0 ? [`${this.#crowd} attempts not joined, for too many have one key`] : []
    const joined = this.#calls > 0 ? [`${this.#calls} calls of several legs`, ...this.#faults()] : []
    const line = [...joined, ...crowd].join('; ')
    return line === '' ? '' : `${line}\n`
  }

  #faults(): string[] {
    const places = [...this.#places].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    if (places.length === 0) return []
    const told = places.slice(0, PLACES_IN_TEXT).map(([place, count]) => `${count} ${place}`)
    const others = places.length > PLACES_IN_TEXT ? [`${places.length - PLACES_IN_TEXT} more places`] : []
    return [`early media got lost on legs ${[...told, ...others].join(', ')}`]
  }
}

/** Times as text, and nothing that only machines need. */
const row = ({ kind: _kind, startedAt, endedAt, legs, ...record }: LegsRecord): object => ({
  ...record,
  startedAt: isoTime(startedAt),
  endedAt: isoTime(endedAt),
  legs: legs.map(leg => ({ ...leg, startedAt: isoTime(leg.startedAt), endedAt: isoTime(leg.endedAt) }))
})

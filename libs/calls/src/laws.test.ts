import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { micros, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { foldFile, foldLive, newestOf, partiesFor, sorted } from './fold.fixture.ts'
import { eventsOf, work } from './fold.ts'
import {
  Correlator,
  defaultLimits,
  EvidenceTally,
  LegJoin,
  type CallsRecord,
  type LegsRecord,
  type Parties,
  type StandingChange
} from './index.ts'
import { failing, ladderExpectation, ladderNames, ladderText } from './traffic.fixture.ts'

/* What properties.test.ts looks for in random traffic, here of each ladder and in one way: laws of each of its lines. */

function readLadder(name: string): { captured: Captured[]; parties: Parties } {
  const text = ladderText(name)
  return { captured: ladder(text), parties: partiesFor(text, ladderExpectation(name)) }
}

/** Whatever is kept of a ladder, as who follows the changes knows it. */
class Followed {
  readonly state = new Map<string, string>()
  readonly #open = new Map<string, number>()

  take(correlator: Correlator): void {
    for (const { was, is } of correlator.standings()) {
      this.#add(was, -1)
      this.#add(is, 1)
    }
    for (const { key, value } of correlator.changes()) {
      if (value) this.state.set(key, value.toString())
      else this.state.delete(key)
    }
  }

  /** Another program shows what it knows anew. */
  restart(correlator: Correlator): Correlator {
    this.#open.clear()
    for (const [key, text] of this.state) correlator.restore(key, Buffer.from(text))
    return correlator
  }

  get open(): string[] {
    return [...this.#open].flatMap(([standing, count]) => (count === 0 ? [] : [`${count} × ${standing}`])).sort()
  }

  #add(standing: StandingChange['is'], count: number): void {
    if (!standing) return
    const key = JSON.stringify(Object.entries(standing).sort(([a], [b]) => (a < b ? -1 : 1)))
    this.#open.set(key, (this.#open.get(key) ?? 0) + count)
  }
}

/** Folds and follows; where asked to, another program goes on from the state behind each message. */
function follow({ captured, parties }: ReturnType<typeof readLadder>, { restarts }: { restarts: boolean }) {
  const records: CallsRecord[] = []
  const legs: LegsRecord[] = []
  const join = new LegJoin({ emit: record => legs.push(record) })
  const evidence = new EvidenceTally()
  const fresh = (): Correlator =>
    new Correlator({
      parties,
      evidence,
      keepsChanges: true,
      emit: record => records.push(record),
      emitLeg: leg => join.take(leg)
    })
  let correlator = fresh()
  const counts = { ...correlator.counts }
  const addCounts = (): void => {
    for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += correlator.counts[key]
  }
  const followed = new Followed()
  const steps: unknown[] = []
  for (const event of eventsOf(captured).events) {
    work(correlator, event)
    if ('message' in event) join.advance(event.at)
    followed.take(correlator)
    steps.push({ open: followed.open, state: new Map(followed.state) })
    if (restarts) {
      addCounts()
      correlator = followed.restart(fresh())
      followed.take(correlator)
    }
    steps.push({ open: followed.open })
  }
  correlator.finish()
  addCounts()
  join.settle()
  followed.take(correlator)
  return { folded: sorted(records, counts, legs), steps, open: followed.open, evidence: evidence.take() }
}

const later = (message: Captured, by: number): EpochMicros => plus(message.capturedAt, micros(by))

describe('a ladder is told the same', () => {
  it.each(ladderNames)('by programs that take one message each and leave their state to the next: %s', name => {
    const read = readLadder(name)
    const [one, many] = [false, true].map(restarts => follow(read, { restarts }))
    expect(many).toEqual(one)
    expect(one!.folded).toEqual(foldFile(read.captured, read.parties))
    expect(one!.open).toEqual([])
  })

  it.each(ladderNames)('when another agent sees each message too, but for duplicates: %s', name => {
    const { captured, parties } = readLadder(name)
    const copies = captured.map(message => ({
      ...message,
      agent: `${message.agent} tap`,
      capturedAt: message.media ? message.capturedAt : later(message, 40_000)
    }))
    const end = plus(newestOf(captured), seconds(7200))
    const { counts, ...once } = foldLive(captured, parties, end)
    const { counts: doubled, ...twice } = foldLive([...captured, ...copies].sort(byTime), parties, end)
    expect(twice).toEqual(once)
    const { sip, unparsable, orphans } = counts
    expect(doubled).toMatchObject({ sip: 2 * sip, unparsable: 2 * unparsable, orphans: 2 * orphans })
    expect(doubled).toMatchObject({ late: counts.late, calls: counts.calls })
  })

  it.each(ladderNames.filter(name => !failing[name]))(
    'when every other message is late, but not too late: %s',
    name => {
      const { captured, parties } = readLadder(name)
      const delayed = captured.map((message, index) => ({
        message,
        arrivesAt: index % 2 === 0 ? later(message, defaultLimits.lateness - 1) : message.capturedAt
      }))
      const arrived = delayed.sort((a, b) => a.arrivesAt - b.arrivesAt).map(({ message }) => message)
      expect(foldLive(arrived, parties)).toEqual(foldFile(captured, parties))
    }
  )

  it.each(ladderNames)('whenever the clock is moved: %s', name => {
    const { captured, parties } = readLadder(name)
    const records: CallsRecord[] = []
    const correlator = new Correlator({ parties, emit: record => records.push(record) })
    const { events } = eventsOf(captured)
    let at = events[0]!.at
    for (const event of events) {
      // Media moves no clock.
      if ('message' in event) {
        for (const part of [3, 2]) correlator.advance(plus(at, micros(Math.floor((event.at - at) / part))))
        at = event.at
      }
      work(correlator, event)
    }
    correlator.finish()
    expect(sorted(records, correlator.counts)).toEqual({ ...foldFile(captured, parties), legs: undefined })
  })
})

describe('of a ladder', () => {
  it.each(ladderNames)('the state says nothing at its end of what is not there: %s', name => {
    const { captured, parties } = readLadder(name)
    const correlator = new Correlator({ parties, keepsChanges: true, emit: () => {} })
    for (const event of eventsOf(captured).events) {
      work(correlator, event)
      correlator.standings()
      for (const { key, value } of correlator.changes()) {
        if (!key.startsWith('call ') || !value) continue
        const text = value.toString()
        const [transactions] = (JSON.parse(text) as unknown[]).slice(10)
        expect(text).not.toMatch(/,\[\]\]$/)
        expect(JSON.stringify(transactions)).not.toMatch(/,(""|\[\])\]/)
      }
    }
  })

  it.each(ladderNames)('nothing is left when its time has passed: %s', name => {
    const { captured, parties } = readLadder(name)
    const correlator = new Correlator({ parties, keepsChanges: true, emit: () => {} })
    const followed = new Followed()
    for (const event of eventsOf(captured).events) {
      work(correlator, event)
      followed.take(correlator)
    }
    // Calls without BYE are followed for a day.
    correlator.advance(plus(newestOf(captured), seconds(26 * 3600)))
    followed.take(correlator)
    expect(followed.open).toEqual([])
    expect(correlator.size).toBe(0)
    expect([...followed.state.keys()].filter(key => /^(call|established) /.test(key))).toEqual([])
  })
})

const byTime = (a: Captured, b: Captured): number => a.capturedAt - b.capturedAt

import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { foldFile, partiesFor, sideBySide, sorted } from './fold.fixture.ts'
import { eventsOf, work } from './fold.ts'
import { Correlator, type CallsRecord, type Counts } from './index.ts'
import { ladderExpectation, ladderText } from './traffic.fixture.ts'

const versions = new URL('../testdata/state/', import.meta.url)

/** What a correlator had given and kept when it had folded the first messages of a ladder. */
type Golden = {
  readonly ladder: string
  readonly messages: number
  readonly records: readonly CallsRecord[]
  readonly counts: Counts
  readonly state: Readonly<Record<string, string>>
}

const of = (name: string) => {
  const [text, expected] = [ladderText(name), ladderExpectation(name)]
  return { expected, parties: partiesFor(text, expected), captured: ladder(text) }
}

function start(name: string, records: CallsRecord[]) {
  const { parties, captured } = of(name)
  const correlator = new Correlator({ parties, keepsChanges: true, emit: record => records.push(record) })
  return { correlator, events: eventsOf(captured).events }
}

function cut(name: string, messages: number): Golden {
  const records: CallsRecord[] = []
  const { correlator, events } = start(name, records)
  for (const each of events.slice(0, messages)) work(correlator, each)
  const state = correlator.changes().flatMap(({ key, value }) => (value ? [[key, value.toString()]] : []))
  return { ladder: name, messages, records, counts: correlator.counts, state: Object.fromEntries(state) }
}

const sum = (one: Counts, other: Counts): Counts =>
  Object.fromEntries(Object.entries(one).map(([key, count]) => [key, count + other[key as keyof Counts]])) as Counts

// WRITE_STATE=v2 node … adds the golden files of a new version; those of a former one are never written again.
const adds = process.env['WRITE_STATE']
if (adds !== undefined) {
  const cuts: readonly (readonly [name: string, messages: number])[] = [
    ['ck-elsewhere-by-sibling', 5],
    ['em8-bye-of-the-early-dialog', 4],
    ['em9-cancel-cause', 3],
    ['mc1-501-and-405', 5],
    ['mc5-two-hops', 3],
    ['tx10-final-missing', 5],
    ['tx10-late-200-after-timer-c', 2],
    ['tx4-refresh', 3],
    ['tx6-joins-the-attempt', 4],
    ['tx6-response-before-its-invite', 2],
    ['tx8-challenged', 4],
    ['tx8-loser-after-the-answer', 5],
    ['vector-fork-lost-to-199', 3],
    ['vector-answer-in-prack', 3],
    ['em1-described-by-update', 4],
    ['em2-precondition-met-by-update', 5],
    ['em4-codec-mismatch', 2],
    ['em5-update-puts-on-hold', 3],
    ['em6-prack-missing', 4],
    ['em6-prack-rejected-501', 4],
    ['em7-last-value-rules', 2],
    ['em11-rtcp-silent', 3],
    ['em11-rtp-by-address', 3],
    ['em13-answer-changed', 2],
    ['tx10-described-by-update', 4],
    ['vector-hairpin-and-our-own-501', 4],
    ['lg1-x-cid-inner-names-outer', 4],
    ['lg1-session-id-swapped', 3],
    ['tx8-hunting', 4],
    ['k1-bye-challenged', 6],
    ['k1-bye-hours-later', 6],
    ['k1-bye-through-our-proxy', 8]
  ]
  mkdirSync(new URL(`${adds}/`, versions), { recursive: true })
  for (const [name, messages] of cuts) {
    const file = new URL(`${adds}/${name}.json`, versions)
    if (existsSync(file)) continue
    writeFileSync(file, `${JSON.stringify(cut(name, messages), null, 2)}\n`, { flag: 'wx' })
  }
}

const goldens = readdirSync(versions).flatMap(version =>
  readdirSync(new URL(`${version}/`, versions)).map(file => `${version}/${file}`)
)

describe('the state that a former version wrote', () => {
  it.each(goldens)('%s is read, and what follows makes the record of its ladder', file => {
    const golden = JSON.parse(readFileSync(new URL(file, versions), 'utf8')) as Golden
    const records = [...golden.records]
    const { correlator, events } = start(golden.ladder, records)
    for (const [key, value] of Object.entries(golden.state)) correlator.restore(key, Buffer.from(value))
    for (const each of events.slice(golden.messages)) work(correlator, each)
    correlator.finish()
    const { expected, parties, captured } = of(golden.ladder)
    const whole = sorted(records, sum(golden.counts, correlator.counts))
    const { legs: _joined, ...ofOneCallId } = expected
    const { found, wanted } = sideBySide(whole, ofOneCallId)
    expect(found).toEqual(wanted)
    // Records that the former version gave lack what was added since.
    expect(foldFile(captured, parties)).toMatchObject(whole)
  })

  it('of a later version is refused: an older program must not guess', () => {
    const [[key, text] = ['', '']] = Object.entries(cut('tx8-challenged', 3).state)
    const later = text.replace(/\d+/, '999')
    expect(() => new Correlator({ emit: () => {} }).restore(key, Buffer.from(later))).toThrow('999')
  })
})

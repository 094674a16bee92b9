import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { foldFile, partiesOf } from './fold.fixture.ts'
import { byAddress } from './index.ts'
import { ladder } from '@earshot/traffic'

const folder = new URL('../testdata/ladders/', import.meta.url)

/** Ladders that the code does not yet fold as the contract says, with the reason. */
const failing: Readonly<Record<string, string>> = {}

/** The records and counts that a ladder must give; what it does not name is free, and null means absent. */
type Expected = {
  readonly says: string
  /** Without a registry, every address is a peer; else each participant is one by its name. */
  readonly registry?: 'addresses'
  /** Peers that have several of the participants. */
  readonly members?: Readonly<Record<string, readonly string[]>>
  readonly attempts?: readonly object[]
  readonly rejections?: readonly object[]
  readonly counts?: object
}

const absent = (from: object): object =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, value === null ? undefined : value]))

/** Of what was found, the fields that are expected of it. */
const chosen = (found: object, expected: object | undefined): object => {
  const of = found as Record<string, unknown>
  return Object.fromEntries(Object.keys(expected ?? {}).map(key => [key, of[key]]))
}

const names = readdirSync(folder)
  .filter(file => file.endsWith('.ladder'))
  .map(file => file.slice(0, -'.ladder'.length))

describe('a ladder', () => {
  for (const name of names) {
    const text = readFileSync(new URL(`${name}.ladder`, folder), 'utf8')
    const expected = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Expected
    const test = failing[name] === undefined ? it : it.failing
    test(`${name}: ${expected.says}`, () => {
      const parties = expected.registry === 'addresses' ? byAddress : partiesOf(text, expected.members)
      const found = foldFile(ladder(text), parties)
      for (const part of ['attempts', 'rejections'] as const) {
        const wanted = expected[part]
        if (!wanted) continue
        expect(found[part].map((each, index) => chosen(each, wanted[index]))).toEqual(wanted.map(absent))
      }
      expect(chosen(found.counts, expected.counts)).toEqual(expected.counts ?? {})
    })
  }

  it('that is said to fail is there', () => {
    expect(Object.keys(failing).filter(name => !names.includes(name))).toEqual([])
  })
})

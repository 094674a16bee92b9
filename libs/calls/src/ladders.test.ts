import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { readFileSync } from 'node:fs'
import { foldFile, partiesFor, sideBySide } from './fold.fixture.ts'
import { failing, ladderExpectation, ladderNames, ladderText } from './traffic.fixture.ts'

describe('a ladder', () => {
  for (const name of ladderNames) {
    const [text, expected] = [ladderText(name), ladderExpectation(name)]
    const test = failing[name] === undefined ? it : it.failing
    test(`${name}: ${expected.says}`, () => {
      const { found, wanted } = sideBySide(foldFile(ladder(text), partiesFor(text, expected)), expected)
      expect(found).toEqual(wanted)
    })
  }

  it('that is said to fail is there', () => {
    expect(Object.keys(failing).filter(name => !ladderNames.includes(name))).toEqual([])
  })
})

describe('the README', () => {
  it('says of its example what becomes of it', () => {
    const example = readFileSync(new URL('../README.md', import.meta.url), 'utf8').split('```')[1]!
    const { attempts } = foldFile(ladder(example))
    expect(attempts).toMatchObject([
      { class: 'early_media', outcome: 'no_answer', earlyMediaSeconds: 5, effectiveCause: 34 }
    ])
  })
})

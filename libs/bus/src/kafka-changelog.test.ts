import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { changeOf, changeRecord, entriesOf, progressRecord, readProgress } from './kafka-changelog.ts'

const golden = readFileSync(join(import.meta.dirname, '../testdata/progress-1.json'))

describe('the progress in a changelog', () => {
  it('of format 1 is read as it was written', () => {
    const progress = { next: 12, resume: 7, repetitions: '{"format":1,"producers":[],"repeated":[]}', lost: 3 }
    expect(readProgress(golden)).toEqual(progress)
    expect(`${progressRecord(progress).value?.toString()}\n`).toBe(golden.toString())
  })

  it('of a later format is refused', () => {
    expect(() => readProgress(Buffer.from('{"format":2}'))).toThrow('format 2')
  })
})

describe('a change of state', () => {
  it.each(['', 'p', 'call 7', 'a\0b'])('of the key %j is told from progress', key => {
    const value = Buffer.from('1')
    expect(changeOf(changeRecord({ key, value }))).toEqual({ key, value })
    expect(changeOf(changeRecord({ key, value: undefined }))).toEqual({ key, value: undefined })
  })

  it('is not what progress is', () => {
    expect(changeOf(progressRecord(readProgress(golden)))).toBeUndefined()
  })
})

it('gives every state once and lets go of it', async () => {
  const states = new Map(Array.from({ length: 1200 }, (_, index) => [`${index}`, Buffer.from([1])]))
  const keys = (await Array.fromAsync(entriesOf(states))).map(({ key }) => key)
  expect([new Set(keys).size, keys.length, states.size]).toEqual([1200, 1200, 0])
})

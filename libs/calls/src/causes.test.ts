import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { causeText } from './causes.ts'

const golden = readFileSync(new URL('../testdata/causes.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const codeOf = (line: string): number => Number(line.split(' ')[0])

it.each(golden)('names the cause %s as Q.850 does', line => {
  expect(causeText(codeOf(line))).toBe(line)
})

it('says of any other cause its number', () => {
  const named = new Set(golden.map(codeOf))
  const others = Array.from({ length: 128 }, (_, cause) => cause).filter(cause => !named.has(cause))
  expect(others.map(causeText)).toEqual(others.map(String))
})

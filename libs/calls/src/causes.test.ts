import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { causeMappingOf, causeText } from './causes.ts'
import type { Final } from './state.ts'

const golden = readFileSync(new URL('../testdata/causes.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const rows = golden.map(line => {
  const [text = '', statuses = ''] = line.split(': ')
  return { cause: parseInt(text, 10), text, statuses: statuses.split(' or ').map(Number).filter(Number.isInteger) }
})

describe('the causes of Q.850', () => {
  it.each(rows)('$text has its name', ({ cause, text }) => {
    expect(causeText(cause)).toBe(text)
  })

  it('that have no name here are their numbers', () => {
    const named = new Set(rows.map(({ cause }) => cause))
    const others = Array.from({ length: 128 }, (_, cause) => cause).filter(cause => !named.has(cause))
    expect(others.map(causeText)).toEqual(others.map(String))
  })

  it.each(rows.filter(({ statuses }) => statuses.length > 0))(
    '$text becomes $statuses in a gateway, and nothing else',
    ({ cause, statuses }) => {
      const [status] = statuses
      for (const each of statuses) expect(causeMappingOf(final(each, cause))).toEqual({ status, followed: true })
      expect(causeMappingOf(final(606, cause))).toEqual({ status, followed: false })
    }
  )

  it('that RFC 3398 leaves out become nothing', () => {
    const others = rows.filter(({ statuses }) => statuses.length === 0)
    expect(others.map(({ cause }) => causeMappingOf(final(500, cause)))).toEqual(others.map(() => undefined))
  })

  it('become nothing where the final answers a CANCEL, is a success, or was not seen', () => {
    expect(causeMappingOf(final(487, 17))).toBeUndefined()
    expect(causeMappingOf(final(200, 17))).toBeUndefined()
    expect(causeMappingOf(undefined)).toBeUndefined()
    expect(causeMappingOf(final(300, 17))).toEqual({ status: 486, followed: false })
  })
})

const final = (status: number, cause: number): Final => ({ at: 0, status, cause }) as Final

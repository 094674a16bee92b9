import { describe, expect, it } from '@jest/globals'
import { failureLines } from './failure.ts'

const full = new Error('disk full')
const round = new Error('a')
round.cause = new Error('b', { cause: round })

describe('failureLines', () => {
  it.each([
    { name: 'an error', error: full, lines: ['disk full'] },
    {
      name: 'its causes',
      error: new Error('group monitor gave up', { cause: new Error('not committed', { cause: full }) }),
      lines: ['group monitor gave up', 'not committed', 'disk full']
    },
    {
      name: 'several failures, each with its causes',
      error: new AggregateError([new Error('one', { cause: full }), new Error('two')], 'not stopped'),
      lines: ['not stopped', 'one', 'disk full', 'two']
    },
    {
      name: 'no cause that the error has told',
      error: new Error('no record (disk full); make room', { cause: full }),
      lines: ['no record (disk full); make room']
    },
    { name: 'causes that go round', error: round, lines: ['a', 'b'] },
    { name: 'an error without a message', error: new TypeError(), lines: ['TypeError'] },
    { name: 'no error at all', error: 'why', lines: ['why'] }
  ])('tells $name', ({ error, lines }) => {
    expect(failureLines(error)).toEqual(lines)
  })
})

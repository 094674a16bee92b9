import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { partiesFor } from './fold.fixture.ts'
import { Correlator, messagesOf, type CallsRecord } from './index.ts'
import { ladderExpectation, ladderNames, ladderText } from './traffic.fixture.ts'

describe('at the end of a ladder what stands open', () => {
  it.each(ladderNames)('is what the records then say, and nothing behind them: %s', name => {
    const records: CallsRecord[] = []
    const parties = partiesFor(ladderText(name), ladderExpectation(name))
    const correlator = new Correlator({ parties, keepsChanges: true, emit: record => records.push(record) })
    for (const observed of messagesOf(ladder(ladderText(name)))) correlator.process(observed)

    const over = records.length
    const open: string[] = []
    const take = (): void => {
      for (const { was, is } of correlator.standings()) {
        if (was) open.splice(open.indexOf(JSON.stringify(was)), 1)
        if (is) open.push(JSON.stringify(is))
      }
    }
    take()
    const stood = open.map(each => expect.objectContaining(JSON.parse(each) as Record<string, unknown>))
    correlator.finish()
    const attempts = records.slice(over).filter(record => record.kind === 'attempt')
    expect(attempts).toEqual(expect.arrayContaining(stood))
    expect(attempts).toHaveLength(stood.length)
    take()
    expect(open).toEqual([])
  })
})

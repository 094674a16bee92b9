import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { partiesFor } from './fold.fixture.ts'
import { Correlator, messagesOf, type AttemptRecord, type CallsRecord, type Standing } from './index.ts'
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
    const stood = [...open]
    correlator.finish()
    expect(stood.sort()).toEqual(attemptsIn(records.slice(over)).map(standingIn).sort())
    take()
    expect(open).toEqual([])
  })
})

const attemptsIn = (records: readonly CallsRecord[]): AttemptRecord[] =>
  records.filter(record => record.kind === 'attempt')

const standingIn = (record: AttemptRecord): string => {
  const { peer, direction, class: early, outcome, earlyMediaSeconds, responses183 } = record
  const standing: Standing = { peer, direction, class: early, outcome, earlyMediaSeconds, responses183 }
  return JSON.stringify(standing)
}

import { describe, expect, it } from '@jest/globals'
import type { Peer } from './api.ts'
import { clicked, matching, parseSort, sorted, sortText } from './order.ts'
import type { Row } from './problems.ts'

const row = (peer: string, more: Partial<Peer> = {}, problems: Row['problems'] = []): Row => ({
  key: peer,
  peer: {
    peer,
    direction: 'outbound',
    attempts: 0,
    outcomes: {},
    classes: {},
    earlyMedia: { attempts: 0, outcomes: {}, seconds: 0 },
    responses183: { withSdp: 0, withoutSdp: 0 },
    rejections: [],
    allow: [],
    ...more
  },
  problems
})

const earlyMedia = (answered: number, busy: number) => ({
  earlyMedia: { attempts: answered + busy, outcomes: { answered, busy }, seconds: 0 }
})

const rows = [
  row('peer 10', { attempts: 5, ...earlyMedia(1, 9), group: 'Tier-1' }),
  row('peer 9', { attempts: 7, rejections: [{ method: 'UPDATE', code: 501, transactions: 3 }] }, [
    { severity: 'warning', headline: 'rejects allowed UPDATE', advice: '' }
  ]),
  row('alpha', { attempts: 5, ...earlyMedia(5, 5), direction: 'inbound' }, [
    { severity: 'alarm', headline: 'EM never answered', advice: '' }
  ])
]

describe('sorted', () => {
  it.each([
    { sort: '-state', names: ['alpha', 'peer 9', 'peer 10'] },
    { sort: 'peer', names: ['alpha', 'peer 9', 'peer 10'] },
    { sort: '-peer', names: ['peer 10', 'peer 9', 'alpha'] },
    { sort: '-attempts', names: ['peer 9', 'alpha', 'peer 10'] },
    { sort: 'emAsr', names: ['peer 10', 'alpha', 'peer 9'] },
    { sort: '-emAsr', names: ['alpha', 'peer 10', 'peer 9'] },
    { sort: '-busy', names: ['peer 10', 'alpha', 'peer 9'] },
    { sort: '-UPDATE', names: ['peer 9', 'alpha', 'peer 10'] }
  ])('by $sort, ties by name, rows without the figure last', ({ sort, names }) => {
    expect(sorted(rows, parseSort(sort)!).map(each => each.key)).toEqual(names)
  })
})

describe('matching', () => {
  it.each([
    { filter: '', names: ['peer 10', 'peer 9', 'alpha'] },
    { filter: '  PEER ', names: ['peer 10', 'peer 9'] },
    { filter: 'tier', names: ['peer 10'] },
    { filter: 'inbound alarm', names: ['alpha'] },
    { filter: 'update 501', names: ['peer 9'] },
    { filter: 'peer inbound', names: [] }
  ])('finds $names for "$filter"', ({ filter, names }) => {
    expect(matching(rows, filter).map(each => each.key)).toEqual(names)
  })
})

describe('a sort', () => {
  it.each(['peer', '-peer', '-no_answer', 'OTHER', '-sdp183'])('%s is written as it was read', text => {
    expect(sortText(parseSort(text)!)).toBe(text)
  })

  it.each(['', '-', 'attempt', '--peer'])('"%s" is none', text => expect(parseSort(text)).toBeUndefined())

  it('starts with the end that matters, and turns on the second click', () => {
    const byName = clicked({ key: 'state', descending: true }, 'peer')
    expect(sortText(byName)).toBe('peer')
    expect(sortText(clicked(byName, 'peer'))).toBe('-peer')
    expect(sortText(clicked(byName, 'INFO'))).toBe('-INFO')
    expect(sortText(clicked(byName, 'emAsr'))).toBe('emAsr')
  })
})

import { describe, expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import {
  addCounts,
  countedAt,
  fold,
  type CountedAttempt,
  type CountedRecord,
  type MinuteCounts
} from './minute-counts.ts'

const attempt = (fields: Partial<CountedAttempt> = {}): CountedAttempt => ({
  kind: 'attempt',
  peer: 'far',
  direction: 'outbound',
  class: 'ringing',
  outcome: 'answered',
  status: 200,
  firstCode: 180,
  flags: [],
  endedAt: epochMicros(0),
  ...fields
})

const folded = (...records: CountedRecord[]): MinuteCounts => {
  const counts: MinuteCounts = {}
  for (const record of records) fold(counts, record)
  return counts
}

describe('a record counts in its minute', () => {
  it.each<{ name: string; record: CountedRecord; counts: MinuteCounts }>([
    { name: 'an answer', record: attempt(), counts: { attempts: 1, seizures: 1, answered: 1 } },
    {
      name: 'early media that was answered',
      record: attempt({ class: 'early_media' }),
      counts: { attempts: 1, seizures: 1, answered: 1, earlyMedia: 1, answeredEarlyMedia: 1 }
    },
    {
      name: 'early media that failed',
      record: attempt({ class: 'early_media', outcome: 'not_found', status: 404 }),
      counts: { attempts: 1, seizures: 1, earlyMedia: 1, failedEarlyMedia: 1 }
    },
    {
      name: 'early media and nobody there, which is no failure',
      record: attempt({ class: 'early_media', outcome: 'no_answer', status: 480 }),
      counts: { attempts: 1, seizures: 1, earlyMedia: 1 }
    },
    {
      name: 'a 503 at once, which is no seizure',
      record: attempt({ class: 'none', outcome: 'congestion', status: 503, firstCode: 0 }),
      counts: { attempts: 1 }
    },
    {
      name: 'codes of early media that cannot play, and no other flag',
      record: attempt({ class: 'unusable', flags: ['codec_mismatch', 'glare'] }),
      counts: { attempts: 1, seizures: 1, answered: 1, unusable: { codec_mismatch: 1 } }
    },
    {
      name: 'a fork that another won, nowhere',
      record: attempt({ outcome: 'cancelled', cancel: 'elsewhere' }),
      counts: {}
    },
    { name: 'one that is open, nowhere', record: attempt({ outcome: 'open' }), counts: {} },
    {
      name: 'a 501',
      record: { kind: 'rejection', peer: 'far', direction: 'outbound', code: 501, at: epochMicros(0) },
      counts: { rejections501: 1 }
    },
    {
      name: 'a 405, nowhere',
      record: { kind: 'rejection', peer: 'far', direction: 'outbound', code: 405, at: epochMicros(0) },
      counts: {}
    }
  ])('$name', ({ record, counts }) => {
    expect(folded(record)).toEqual(counts)
  })

  it('a delay, by the bounds that it is above of', () => {
    const { delays } = folded(...[0.5, 0.51, 2.5, 100].map(sessionRequestDelay => attempt({ sessionRequestDelay })))
    expect(delays).toEqual([1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  it('an attempt in that in which it was over', () => {
    expect(countedAt(attempt({ endedAt: epochMicros(7) }))).toBe(7)
    expect(countedAt(attempt({ endedAt: epochMicros(7), closedAt: epochMicros(9) }))).toBe(9)
  })

  it('and the counts of two sources are those of both', () => {
    const [one, other] = [
      [attempt({ class: 'early_media', sessionRequestDelay: 1 }), attempt({ class: 'unusable', flags: ['port_zero'] })],
      [attempt({ sessionRequestDelay: 3 }), attempt({ class: 'unusable', flags: ['port_zero', 'no_audio'] })]
    ] as const
    const sum = folded(...one)
    addCounts(sum, folded(...other))
    expect(sum).toEqual(folded(...other, ...one))
  })
})

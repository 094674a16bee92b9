import { describe, expect, it } from '@jest/globals'
import type { CallEndRecord, CallScope, Standing } from '@earshot/calls'
import { epochMicros } from '@earshot/units'
import fc from 'fast-check'
import { ratiosOf, type RatioRow } from './ratios.ts'
import { addTallies, areEmptyTallies, noTallies, tallyAttempt, tallyEnd } from './tallies.ts'

const attempt = (change: Partial<Standing & { readonly retries: readonly number[] }>): Standing => ({
  peer: 'far',
  direction: 'outbound',
  class: 'none',
  outcome: 'rejected',
  status: 403,
  firstCode: 0,
  alerted: false,
  earlyMediaSeconds: 0,
  responses183: { withSdp: 0, withoutSdp: 0 },
  ...change
})

const answered = attempt({ outcome: 'answered', status: 200, firstCode: 180, alerted: true, class: 'ringing' })
const busy = attempt({ outcome: 'busy', status: 486 })

const end = (change: Partial<CallEndRecord> = {}): CallEndRecord => ({
  kind: 'call_end',
  id: 'a',
  callId: 'c',
  peer: 'far',
  direction: 'outbound',
  answeredAt: epochMicros(0),
  endedAt: epochMicros(60e6),
  release: 'caller',
  talkSeconds: 60,
  disconnectDelay: 0.1,
  byeStatus: 200,
  registry: '',
  ...change
})

function figuresOf(
  attempts: readonly Standing[],
  ends: readonly CallEndRecord[] = [],
  scope: CallScope = 'peer'
): RatioRow {
  const tallies = noTallies()
  for (const each of attempts) tallyAttempt(tallies, each, 1)
  for (const each of ends) tallyEnd(tallies, each)
  return ratiosOf(tallies, scope, { earlyMediaSeconds: 30, spanSeconds: 60 })
}

describe('NER (E.425)', () => {
  it.each([
    { name: 'answered', change: { outcome: 'answered', status: 200, firstCode: 180 }, ner: 1 },
    { name: '486', change: { outcome: 'busy', status: 486 }, ner: 1 },
    { name: '600', change: { outcome: 'busy', status: 600 }, ner: 1 },
    { name: '603', change: { outcome: 'declined', status: 603 }, ner: 1 },
    { name: '607', change: { outcome: 'declined', status: 607 }, ner: 1 },
    { name: '608, by an intermediary', change: { outcome: 'declined', status: 608 }, ner: 0 },
    { name: '480 after an 18x', change: { outcome: 'no_answer', status: 480, firstCode: 180, alerted: true }, ner: 1 },
    { name: '480 without 18x', change: { outcome: 'unavailable', status: 480 }, ner: 0 },
    { name: '408 after an 18x', change: { outcome: 'no_answer', status: 408, firstCode: 183 }, ner: 1 },
    { name: '487 after a 180', change: { outcome: 'cancelled', status: 487, firstCode: 180, alerted: true }, ner: 1 },
    { name: '487 after a 183', change: { outcome: 'cancelled', status: 487, firstCode: 183 }, ner: 0 },
    { name: '404', change: { outcome: 'not_found', status: 404 }, ner: 0 },
    { name: '480 whose cause is 19', change: { outcome: 'unavailable', status: 480, effectiveCause: 19 }, ner: 1 },
    { name: '500 whose cause is 17', change: { outcome: 'server_error', status: 500, effectiveCause: 17 }, ner: 1 },
    {
      name: '480 after an 18x whose cause is 34',
      change: { outcome: 'no_answer', status: 480, firstCode: 183, effectiveCause: 34 },
      ner: 0
    },
    {
      name: '487 after a 180 whose cause is 16',
      change: { outcome: 'cancelled', status: 487, firstCode: 180, alerted: true, effectiveCause: 16 },
      ner: 1
    },
    { name: 'answered, whatever the cause', change: { outcome: 'answered', status: 200, effectiveCause: 41 }, ner: 1 },
    { name: '503, no seizure', change: { outcome: 'congestion', status: 503, effectiveCause: 17 }, ner: null }
  ] as const)('of $name is $ner', ({ change, ner }) => {
    expect(figuresOf([attempt(change)]).ner).toBe(ner)
  })
})

describe('a seizure (E.425)', () => {
  it.each([
    { name: 'a 2xx', change: { outcome: 'answered', status: 200 }, seizures: 1 },
    { name: 'an 18x and no final', change: { outcome: 'timeout', status: 0, firstCode: 180 }, seizures: 1 },
    { name: 'a final other than 503', change: { outcome: 'rejected', status: 403 }, seizures: 1 },
    { name: 'a 503 after an 18x', change: { outcome: 'congestion', status: 503, firstCode: 183 }, seizures: 1 },
    { name: 'a 503', change: { outcome: 'congestion', status: 503 }, seizures: 0 },
    { name: 'a 503 after a 401', change: { outcome: 'congestion', status: 503, retries: [401] }, seizures: 1 },
    { name: 'a 503 after a 503', change: { outcome: 'congestion', status: 503, retries: [503] }, seizures: 0 },
    { name: 'nothing', change: { outcome: 'timeout', status: 0 }, seizures: 0 }
  ] as const)('is an attempt that got $name: $seizures', ({ change, seizures }) => {
    expect(figuresOf([attempt(change)])).toMatchObject({ seizures, asr: seizures === 0 ? null : expect.anything() })
  })
})

describe('the ratios of RFC 6076', () => {
  const statuses = (...all: readonly number[]): Standing[] => all.map(status => attempt({ status }))

  it('leave out of SER and SEER what asks for another try', () => {
    const figures = figuresOf([answered, ...statuses(302, 401, 402, 407), ...statuses(404)])
    expect(figures).toMatchObject({ judged: 6, ser: 1 / 2, seer: 1 / 2, abr: 1 / 6 })
  })

  it('count in SEER what the callee decided', () => {
    expect(figuresOf([answered, ...statuses(480, 486, 600, 603, 404)])).toMatchObject({ ser: 1 / 6, seer: 5 / 6 })
  })

  it('count in ISA what failed, and what has no final', () => {
    const silent = attempt({ outcome: 'timeout', status: 0 })
    expect(figuresOf([...statuses(408, 500, 503, 504, 404, 403, 502), silent]).isa).toBe(5 / 8)
  })

  it('count in SCR answered calls whose BYE got a 2xx', () => {
    const ends = [end(), end({ byeStatus: 481 }), end({ byeStatus: 0 }), end({ release: 'unseen', byeStatus: 0 })]
    expect(figuresOf([answered, answered, answered, answered, busy], ends).scr).toBe(1 / 5)
  })

  it('tell times of what succeeded and of what failed apart', () => {
    const { srd } = figuresOf([
      attempt({ outcome: 'answered', status: 200, firstCode: 180, sessionRequestDelay: 1 }),
      attempt({ outcome: 'busy', status: 486, firstCode: 180, sessionRequestDelay: 3 }),
      attempt({ outcome: 'busy', status: 486, sessionRequestDelay: 8 })
    ])
    expect(srd).toMatchObject({ success: { count: 2, mean: 2 }, failed: { count: 1, mean: 8 } })
  })

  it('average the talk of calls whose BYE was seen', () => {
    const ends = [end(), end({ talkSeconds: 120 }), { ...end({ release: 'unseen' }), talkSeconds: 7 }]
    expect(figuresOf([answered, answered], ends)).toMatchObject({ acd: 90, sdt: { count: 2 }, sdd: { count: 2 } })
  })
})

describe('every ratio', () => {
  it('leaves out open attempts, and those answered elsewhere', () => {
    const open = attempt({ outcome: 'open', status: 0, firstCode: 183, class: 'early_media' })
    const elsewhere = attempt({ outcome: 'cancelled', status: 487, cancel: 'elsewhere', class: 'early_media' })
    expect(figuresOf([answered, open, elsewhere])).toEqual(figuresOf([answered]))
  })

  it('is null where there is nothing that it is of, never 0 or NaN', () => {
    const { srd, sdd, sdt, calls, judged: _, seizures: __, earlyMediaErlangs: ___, ...ratios } = figuresOf([])
    expect(new Set(Object.values(ratios))).toEqual(new Set([null]))
    for (const times of [srd.success, srd.failed, sdd, sdt]) {
      expect(times).toEqual({ count: 0, mean: null, p50: null, p95: null })
    }
    expect(calls).toEqual({ judged: 0, answered: 0, asr: null })
    expect(ratiosOf(noTallies(), 'peer', { earlyMediaSeconds: 0, spanSeconds: 0 }).earlyMediaErlangs).toBeNull()
  })
})

describe('early media', () => {
  it('has its rate, what was answered behind it, what was given up, and erlangs', () => {
    const early = { class: 'early_media', firstCode: 183 } as const
    const figures = figuresOf([
      attempt({ ...early, outcome: 'answered', status: 200 }),
      attempt({ ...early, outcome: 'cancelled', status: 487, cancel: 'caller' }),
      attempt({ ...early, outcome: 'cancelled', status: 487, cancel: 'rejected_elsewhere' }),
      attempt({ ...early, outcome: 'congestion', status: 503 }),
      busy
    ])
    expect(figures).toMatchObject({
      earlyMediaRate: 4 / 5,
      earlyMediaAsr: 1 / 4,
      earlyMediaAbandonRate: 1 / 4,
      earlyMediaErlangs: 0.5
    })
  })
})

describe('calls beside attempts (K-5)', () => {
  const hunted = [
    busy,
    attempt({ outcome: 'congestion', status: 503, repeats: ['group'] }),
    { ...answered, repeats: ['peer', 'group'] as const }
  ]

  it('count once where they hunt', () => {
    expect(figuresOf(hunted, [], 'group').calls).toEqual({ judged: 1, answered: 1, asr: 1 })
    expect(figuresOf(hunted, [], 'peer').calls).toEqual({ judged: 2, answered: 1, asr: 1 / 2 })
  })
})

describe('tallies', () => {
  const outcomes = fc.constantFrom('answered', 'busy', 'cancelled', 'timeout', 'open', 'no_answer', 'congestion')
  const attempts = fc.array(
    fc
      .record({
        outcome: outcomes,
        status: fc.constantFrom(0, 200, 302, 407, 480, 486, 487, 503),
        firstCode: fc.constantFrom(0, 180, 183),
        class: fc.constantFrom('none', 'early_media'),
        cancel: fc.constantFrom('elsewhere', 'caller'),
        sessionRequestDelay: fc.double({ min: 0, max: 1e6, noNaN: true })
      })
      // A 2xx is what answers.
      .map(({ status, ...change }) => ({ ...change, status: change.outcome === 'answered' ? 200 : status }))
      .map(change => attempt(change as Partial<Standing>)),
    { maxLength: 20 }
  )
  const talliesOf = (all: readonly Standing[]) => {
    const tallies = noTallies()
    for (const each of all) tallyAttempt(tallies, each, 1)
    return tallies
  }

  it('of two places add up to those of both', () => {
    fc.assert(
      fc.property(attempts, attempts, (here, there) => {
        const sum = talliesOf(here)
        addTallies(sum, talliesOf(there))
        expect(sum).toEqual(talliesOf([...here, ...there]))
      })
    )
  })

  it('are empty when all was taken away again', () => {
    fc.assert(
      fc.property(attempts, all => {
        const tallies = talliesOf(all)
        for (const each of all) tallyAttempt(tallies, each, -1)
        expect(areEmptyTallies(tallies)).toBe(true)
      })
    )
  })

  it('make ratios between 0 and 1', () => {
    fc.assert(
      fc.property(attempts, all => {
        const { ser, seer, isa, asr, abr, ner, earlyMediaRate, earlyMediaAsr } = figuresOf(all)
        for (const ratio of [isa, asr, abr, ner, earlyMediaRate, earlyMediaAsr]) {
          expect(ratio === null || (ratio >= 0 && ratio <= 1)).toBe(true)
        }
        expect(ser === null || seer! >= ser).toBe(true)
      })
    )
  })
})

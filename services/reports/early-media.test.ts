import { describe, expect, it } from '@jest/globals'
import type { AttemptRecord } from '@earshot/calls'
import { emptyRegistry } from '@earshot/peers'
import { earlyMediaReport, mostSampled } from './early-media.ts'
import { after, hour, storeOf } from './hours.fixture.ts'
import { LocalTime } from './local-time.ts'

const local = new LocalTime('UTC')

const attempt = (number: number, change: Partial<AttemptRecord> = {}): AttemptRecord => ({
  kind: 'attempt',
  id: `a${number}`,
  callId: `c${number}`,
  peer: 'atlantic',
  direction: 'outbound',
  responder: '203.0.113.7',
  from: 'a',
  to: 'b',
  startedAt: after(1),
  endedAt: after(1),
  class: 'early_media',
  outcome: 'no_answer',
  status: 480,
  firstCode: 183,
  alerted: false,
  earlyMediaSeconds: number,
  responses183: { withSdp: 1, withoutSdp: 0 },
  transactions: 1,
  retries: [],
  flags: [],
  registry: '',
  ...change
})

describe('the report of early media', () => {
  const hours = [
    ...hour('atlantic', 1, 'outbound', {
      sums: {
        attempts: { early_media: { answered: 6, no_answer: 2 }, unusable: { busy: 1 }, none: { answered: 1 } },
        earlyMediaMicros: 24e6,
        diagnoses: { codec_mismatch: 1 },
        tallies: { parts: { judged: 10, early_media: 8, early_media_answered: 6 }, spreads: {} }
      }
    }),
    ...hour('atlantic', 2, 'outbound', {
      sums: {
        attempts: { early_media: { cancelled: 2 } },
        earlyMediaMicros: 16e6,
        diagnoses: { announced_cause: 2 },
        tallies: { parts: { judged: 2, early_media: 2, early_media_abandoned: 2 }, spreads: {} }
      }
    })
  ]

  it('sums what became of it over the hours', async () => {
    const source = { store: storeOf(hours), registry: emptyRegistry, local }
    const { rows } = await earlyMediaReport(source, { from: after(0), to: after(3) })
    expect(rows).toEqual([
      {
        subject: { kind: 'peer', name: 'atlantic' },
        direction: 'outbound',
        attempts: 12,
        classes: { early_media: 10, unusable: 1, none: 1 },
        earlyMedia: 10,
        outcomes: { answered: 6, no_answer: 2, cancelled: 2 },
        rate: 10 / 12,
        answeredRate: 0.6,
        abandonRate: 0.2,
        seconds: 40,
        meanSeconds: 4,
        diagnoses: [
          { code: 'announced_cause', attempts: 2 },
          { code: 'codec_mismatch', attempts: 1 }
        ],
        sample: { attempts: 0, medianSeconds: null, causes: [] }
      }
    ])
  })

  it('has the causes and the median length of what was not answered', async () => {
    const attempts = [
      attempt(1, { effectiveCause: 34 }),
      attempt(2),
      attempt(9, { effectiveCause: 34 }),
      attempt(50, { outcome: 'answered', effectiveCause: 16 }),
      attempt(60, { direction: 'internal' }),
      attempt(70, { class: 'progress' })
    ]
    const source = { store: storeOf(hours, { attempts }), registry: emptyRegistry, local }
    const { rows } = await earlyMediaReport(source, { from: after(0), to: after(3) })
    expect(rows[0]!.sample).toEqual({
      attempts: 3,
      medianSeconds: 2,
      causes: [
        { cause: '34 (no circuit available)', attempts: 2 },
        { cause: '', attempts: 1 }
      ]
    })
  })

  it('reads no more records than it says', async () => {
    const attempts = Array.from({ length: mostSampled + 10 }, (_, number) => attempt(number))
    const source = { store: storeOf(hours, { attempts }), registry: emptyRegistry, local }
    const { rows } = await earlyMediaReport(source, { from: after(0), to: after(3) })
    expect(rows[0]!.sample!.attempts).toBe(mostSampled)
  })
})

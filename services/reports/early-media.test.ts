import { describe, expect, it } from '@jest/globals'
import { emptyRegistry } from '@earshot/peers'
import { earlyMediaReport } from './early-media.ts'
import { after, hour, storeOf } from './hours.fixture.ts'
import { LocalTime } from './local-time.ts'

const local = new LocalTime('UTC')

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
        unanswered: { attempts: 0, meanSeconds: null, medianSeconds: null, causes: [] }
      }
    ])
  })

  it('has the causes and the lengths of what was not answered, of all hours that have them', async () => {
    const unanswered = (
      micros: number,
      buckets: Record<number, number>,
      unansweredCauses?: Record<string, number>
    ) => ({
      sums: {
        attempts: { early_media: { no_answer: 2 } },
        tallies: { parts: {}, spreads: { early_media_unanswered: { micros, buckets } } },
        ...(unansweredCauses && { unansweredCauses })
      }
    })
    const rows = [
      ...hours,
      ...hour('atlantic', 3, 'outbound', unanswered(5e6, { 40: 1, 48: 1 }, { 34: 1, other: 1 })),
      ...hour('atlantic', 4, 'outbound', unanswered(4e6, { 40: 1, 46: 1 }, { 34: 1 })),
      ...hour('atlantic', 5, 'outbound', unanswered(6e6, { 50: 2 }))
    ]
    const source = { store: storeOf(rows), registry: emptyRegistry, local }
    const report = await earlyMediaReport(source, { from: after(0), to: after(6) })
    const [{ unanswered: told }] = report.rows as [(typeof report.rows)[0]]
    expect(told).toMatchObject({
      attempts: 6,
      meanSeconds: 2.5,
      causes: [
        { cause: '', attempts: 3 },
        { cause: '34 (no circuit available)', attempts: 2 },
        { cause: 'other', attempts: 1 }
      ]
    })
    expect(told.medianSeconds).toBeCloseTo(2 ** (46 / 4) / 1e3)
  })
})

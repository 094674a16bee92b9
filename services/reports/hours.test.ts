import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { phases, SqliteStore, type SeriesRow } from '@earshot/store'
import { epochMicros } from '@earshot/units'
import { everything, noon } from '../../libs/store/src/batches.fixture.ts'
import { asOneHour, hoursOf } from './hours.ts'
import { HOUR } from './range.ts'

const names = ['atlantic', 'pacific', '203.0.113.7']

/** In one order, and seconds to the microsecond. */
const comparable = (rows: readonly SeriesRow[]): unknown =>
  rows
    .toSorted((a, b) => (`${a.peer} ${a.direction}` < `${b.peer} ${b.direction}` ? -1 : 1))
    .map(({ concurrent, ...row }) => ({
      ...row,
      concurrent: phases.map(phase => [concurrent[phase].peak, Math.round(concurrent[phase].seconds * 1e6)])
    }))

describe('the hours of a report', () => {
  it('are the same made of their minutes', async () => {
    await fc.assert(
      fc.asyncProperty(everything, async batch => {
        const store = new SqliteStore()
        await store.start()
        await store.write(batch)
        await store.refresh('minute')
        await store.refresh('hour')
        for (const from of [noon, epochMicros(noon + HOUR)]) {
          const range = { from, to: epochMicros(from + HOUR), peers: names }
          const hours = await store.series({ ...range, step: 'hour' })
          const made = asOneHour(from, await store.series({ ...range, step: 'minute' }))
          expect(comparable(made)).toEqual(comparable(hours))
        }
      }),
      { numRuns: 40 }
    )
  })

  it('count a call under way up to the end of the range', async () => {
    const store = new SqliteStore()
    await store.start()
    const [startedAt, endedAt] = [epochMicros(noon + 60e6), epochMicros(noon + 120e6)]
    const answered = { id: `${startedAt}`, callId: 'c', peer: 'atlantic', direction: 'outbound', from: 'a', to: 'b' }
    const heard = {
      class: 'none',
      firstCode: 0,
      alerted: false,
      earlyMediaSeconds: 0,
      outcome: 'answered',
      status: 200
    }
    const rest = { responder: 'r', transactions: 1, retries: [], flags: [], registry: '' }
    const responses183 = { withSdp: 0, withoutSdp: 0 }
    await store.write({
      attempts: [{ kind: 'attempt', ...answered, ...heard, ...rest, responses183, startedAt, endedAt } as never]
    })
    await store.refresh('minute')
    await store.refresh('hour')
    const rows = await hoursOf(store, { from: noon, to: epochMicros(noon + 600e6) }, ['atlantic'])
    expect(rows.map(({ direction, concurrent }) => [direction, concurrent.established.seconds])).toEqual([
      ['both', 480],
      ['outbound', 480]
    ])
  })
})

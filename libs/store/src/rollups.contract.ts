import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Direction } from '@earshot/calls'
import { addSums, noSums, type Sums } from '@earshot/peers'
import { epochMicros, plus, seconds } from '@earshot/units'
import { everything, noon } from './batches.fixture.ts'
import { compare } from './reference.fixture.ts'
import { expectedSeries, isNothing, sumsOfRecords } from './series.fixture.ts'
import { cutInto, cuts, refreshed, steps, whileStored, type Contracted } from './stored.fixture.ts'

/** What is summed. */
export function rollupsContract({ create, numRuns }: Contracted): void {
  it.each(steps)('sums each %s as whoever looks at every record would, to the unit', async step => {
    await fc.assert(
      fc.asyncProperty(everything, cuts, async (all, cut) => {
        await whileStored(create, cutInto(all, cut), async fresh => {
          await refreshed(fresh)
          const from = epochMicros(noon + (step === 'minute' ? 3600e6 : 0))
          const to = plus(noon, seconds(step === 'minute' ? 2 * 3600 : 8 * 3600))
          for (const peers of [undefined, ['atlantic', 'pacific', 'nobody']]) {
            const query = { from, to, step, ...(peers && { peers }) }
            expect(await fresh.series(query)).toEqual(expectedSeries(all, query))
          }
        })
      }),
      { numRuns }
    )
  })

  it('sums over all steps to what the records sum to, whenever it was brought up to date', async () => {
    await fc.assert(
      fc.asyncProperty(
        everything,
        cuts,
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        async (all, cut, when) => {
          const fresh = await create()
          for (const [index, batch] of cutInto(all, cut).entries()) {
            await fresh.write(batch)
            if (when[index]) await refreshed(fresh)
          }
          await fresh.refresh('minute')
          const peers = [...new Set([...all.attempts, ...all.rejections].map(({ peer }) => peer))].sort()
          const whole = { from: noon, to: plus(noon, seconds(24 * 3600)) }
          expect([...(await fresh.peers(whole))].sort()).toEqual(peers)
          await refreshed(fresh)
          expect([...(await fresh.peers(whole))].sort()).toEqual(peers)
          const rows = (await fresh.series({ ...whole, step: 'hour', peers })).filter(each => each.direction !== 'both')
          const together = new Map<string, Sums>()
          for (const { peer, direction, sums } of rows) {
            const name = `${peer} ${direction}`
            const sum = together.get(name) ?? noSums(peer, direction as Direction)
            addSums(sum, sums)
            together.set(name, sum)
          }
          expect([...together.values()].filter(each => !isNothing(each)).sort(byName)).toEqual(
            sumsOfRecords(all, () => true).sort(byName)
          )
          await fresh.stop()
        }
      ),
      { numRuns }
    )
  })
}

const byName = (a: Sums, b: Sums): number => compare(`${a.peer} ${a.direction}`, `${b.peer} ${b.direction}`)

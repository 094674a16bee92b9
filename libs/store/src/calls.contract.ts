import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { everything, someCallId, somePeer } from './batches.fixture.ts'
import { compare, inOrder, isTelling, textOf } from './reference.fixture.ts'
import { cutInto, cuts, whileStored, type Contracted } from './stored.fixture.ts'

/** What is known of one call, and of what one peer allows. */
export function callsContract({ create, numRuns }: Contracted): void {
  it('tells everything of a call, each message once', async () => {
    await fc.assert(
      fc.asyncProperty(everything, someCallId, cuts, async (all, callId, cut) => {
        await whileStored(create, cutInto(all, cut), async fresh => {
          const { messages, ...records } = await fresh.call(callId)
          const own = <Row extends { readonly callId: string }>(rows: readonly Row[]): Row[] =>
            rows.filter(row => row.callId === callId)
          expect(records).toEqual({
            attempts: inOrder(own(all.attempts), 'startedAt'),
            callEnds: inOrder(own(all.callEnds), 'endedAt'),
            rejections: inOrder(own(all.rejections), 'at'),
            legs: inOrder(
              all.legs.filter(record => record.legs.some(leg => leg.callId === callId)),
              'endedAt'
            )
          })
          expect(messages.map(textOf).sort()).toEqual([...new Set(own(all.messages).map(textOf))].sort())
          expect(messages.map(({ capturedAt }) => capturedAt)).toEqual(
            messages.map(({ capturedAt }) => capturedAt).toSorted((a, b) => a - b)
          )
        })
      }),
      { numRuns }
    )
  })

  it('knows whose messages are worth keeping', async () => {
    await fc.assert(
      fc.asyncProperty(everything, async all => {
        await whileStored(create, [all], async fresh => {
          const callIds = [...new Set(all.attempts.map(({ callId }) => callId)), 'never seen']
          const telling = new Set([
            ...all.rejections.map(({ callId }) => callId),
            ...all.attempts.filter(isTelling).map(({ callId }) => callId)
          ])
          expect(await fresh.interesting(callIds)).toEqual(new Set(callIds.filter(each => telling.has(each))))
        })
      }),
      { numRuns }
    )
  })

  it('tells how what a peer allows has changed', async () => {
    await fc.assert(
      fc.asyncProperty(everything, somePeer, async (all, peer) => {
        await whileStored(create, [all, all], async fresh => {
          const own = all.allows
            .filter(each => each.peer === peer)
            .toSorted((a, b) => a.at - b.at || compare(a.source, b.source))
          expect(await fresh.capabilityHistory(peer)).toEqual(own)
          const changes = await fresh.capabilityHistory(peer, 'UPDATE')
          for (const source of ['options', 'answer']) {
            const said = own.filter(each => each.source === source).map(({ methods }) => methods.includes('UPDATE'))
            const changed = said.filter((is, index) => is !== said[index - 1])
            expect(
              changes.filter(each => each.source === source).map(({ methods }) => methods.includes('UPDATE'))
            ).toEqual(changed)
          }
        })
      }),
      { numRuns }
    )
  })
}

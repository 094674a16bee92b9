import { beforeAll, describe, expect, it } from '@jest/globals'
import type { AttemptRecord } from '@earshot/calls'
import type { PeerRow } from '@earshot/peers'
import { describeWith } from '../describe-tools.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { kinds, type Kind, type Leg } from './sipp/kinds.ts'
import type { Statistics } from './sipp/processes.ts'
import { callAll, peerOf, sides, type Run, type Side } from './sipp/run.ts'

const folder = temporaryFolder()

/** Whose figures they are: the caller's leg comes in to our proxy, the callees' go out of it. */
const legsOf = (kind: Kind): { readonly peer: string; readonly side: Side; readonly leg: Leg }[] =>
  sides.flatMap(side => {
    const peer = `${peerOf(kind, side)}, ${side === 'caller' ? 'inbound' : 'outbound'}`
    return kind[side] ? [{ peer, side, leg: kind[side] }] : []
  })

describeWith('sipp', 'kamailio')('SIPp against SIPp through Kamailio, which mirrors both of its legs', () => {
  const rows = new Map<string, PeerRow>()
  const records = new Map<string, string[]>()
  const runs = new Map<string, Run>()
  let messages: object

  beforeAll(async () => {
    const found = await callAll(kinds, folder)
    messages = found.messages
    for (const run of found.runs) runs.set(run.kind.name, run)
    for (const row of found.rows) rows.set(`${row.peer}, ${row.direction}`, row)
    for (const record of found.records) {
      const key = `${record.peer}, ${record.direction}`
      records.set(key, [...(records.get(key) ?? []), told(record)])
    }
  }, 90_000)

  describe.each(kinds)('$calls calls, $name', kind => {
    it('went as SIPp was to make them', () => {
      for (const { side } of legsOf(kind)) {
        const wanted = { created: kind.calls, successful: kind.calls, failed: 0, complaint: '' }
        expect(runs.get(kind.name)![side]).toMatchObject(wanted)
      }
    })

    it.each(legsOf(kind))('are in /api/peers as in the statistics of SIPp, $peer', ({ peer, side, leg }) => {
      expect(rows.get(peer)).toMatchObject(figuresBy(runs.get(kind.name)![side]!, leg))
    })

    it.each(legsOf(kind))('have a record each, $peer', ({ peer, leg: { attempt } }) => {
      expect(records.get(peer)).toEqual(Array<string>(kind.calls).fill(told({ flags: [], ...attempt })))
    })
  })

  it('leave nothing else: no other peer has attempts, and the proxy has the 501 that it passed on', () => {
    const legs = kinds.flatMap(legsOf).map(({ peer }) => peer)
    expect([...rows.keys()].sort()).toEqual([...legs, 'proxy, inbound'].sort())
    const refused = runs.get('info-refused')!.caller!.messages['501']
    expect(rows.get('proxy, inbound')).toMatchObject({
      attempts: 0,
      rejections: [{ method: 'INFO', code: 501, transactions: refused }]
    })
    expect(messages).toMatchObject({ unparsable: 0, orphans: 0, late: 0 })
  })
})

/** The figures of a leg, each out of what SIPp counted at its end. */
function figuresBy({ messages, successful }: Statistics, { script, attempt }: Leg): object {
  const isEarly = attempt.class === 'early_media'
  const progress = messages['183'] ?? 0
  return {
    attempts: messages.INVITE,
    outcomes: { [attempt.outcome]: successful },
    classes: { [attempt.class]: successful },
    earlyMedia: {
      attempts: isEarly ? successful : 0,
      outcomes: isEarly ? { [attempt.outcome]: successful } : {},
      seconds: isEarly ? expect.any(Number) : 0
    },
    responses183: isEarly ? { withSdp: progress, withoutSdp: 0 } : { withSdp: 0, withoutSdp: progress },
    rejections:
      script.includes('INFO') && script.startsWith('<')
        ? [{ method: 'INFO', code: 501, transactions: messages['501'] }]
        : []
  }
}

type Told = Pick<AttemptRecord, 'class' | 'outcome' | 'status' | 'cancel' | 'flags'>

const told = ({ class: early, outcome, status, cancel, flags }: Told): string =>
  [early, outcome, status, cancel ?? '', ...flags].join(' ')

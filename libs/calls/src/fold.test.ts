import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { epochMicros, type Captured } from '@earshot/units'
import { eventsOf } from './fold.ts'
import { Correlator, defaultLimits, fold, settlingTime } from './index.ts'

const media = ladder('0 a>b INVITE +S\n500 b>a 183 tt=x +S\n500 b>a rtp\n700 b>a rtcp packets=7\n900 b>a 480 tt=x')
const broken: Captured = {
  ...media.find(each => each.media)!,
  payload: Buffer.from('no report'),
  media: { protocol: 34, correlationId: undefined }
}

/** What comes in which order: the status of a response, 0 of a request, or where a report was seen. */
const order = (packets: readonly Captured[]): unknown[] =>
  eventsOf(packets).events.map(event => ('message' in event ? event.message.status : event.from))

describe('packets of a file', () => {
  it('are folded in the order of time, of equal times the SIP first', () => {
    const found = [0, 183, 'rtp', 'rtcp', 'rtcp', 480]
    expect(order(media)).toEqual(found)
    expect(order(media.toReversed())).toEqual(found)
  })

  it('without media are folded as SIP', () => {
    const sip = media.filter(each => !each.media)
    expect(eventsOf(sip).errors).toEqual([])
    expect(order(sip.toReversed())).toEqual([0, 183, 480])
  })

  it('that tell of media and cannot be read are told, and the others folded', () => {
    expect(eventsOf([broken, ...media])).toMatchObject({ errors: [{ kind: 'error', code: 'not-json' }] })
    expect(order([broken, ...media])).toHaveLength(6)
    expect(fold(new Correlator({ emit: () => undefined }), [broken, ...media])).toHaveLength(1)
    expect(fold(new Correlator({ emit: () => undefined }), media)).toEqual([])
  })

  it('move a clock by their SIP', () => {
    const times: number[] = []
    const correlator = new Correlator({ emit: () => undefined })
    fold(correlator, media, at => times.push(at - media[0]!.capturedAt))
    expect(times).toEqual([0, 500_000, 900_000])
    expect(correlator.takeMediaCounts()).toEqual({ matched: 3, unmatched: 0, notKept: 0 })
  })
})

describe('evidence', () => {
  it.each([
    { lateness: 0, waits: 500_000 },
    { lateness: 400_000, waits: 500_000 },
    { lateness: 3_000_000, waits: 3_000_000 }
  ])('may be told as late as messages come, and at least while other hops are waited for', ({ lateness, waits }) => {
    expect(settlingTime({ ...defaultLimits, lateness: epochMicros(lateness) as never })).toBe(waits)
  })
})

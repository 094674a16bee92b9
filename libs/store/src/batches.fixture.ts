import fc from 'fast-check'
import {
  diagnosisCodes,
  earlyClasses,
  outcomes,
  type AllowRecord,
  type AttemptRecord,
  type CallEndRecord,
  type LegsRecord,
  type RejectionRecord,
  type Span
} from '@earshot/calls'
import { alertKinds, type Alert } from '@earshot/peers'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import type { Batch, RawMessage } from './store.ts'

/** Random records that a store can be given, few values of each kind so that they meet. */

export const noon = epochMicros(1_767_225_600e6)
export const spanSeconds = 4 * 3600

export const someTime: fc.Arbitrary<EpochMicros> = fc
  .oneof(
    fc.integer({ min: 0, max: spanSeconds * 10 }).map(tenth => tenth * 1e5),
    fc.integer({ min: 0, max: spanSeconds * 1e6 })
  )
  .map(offset => epochMicros(noon + offset))

export const somePeer = fc.constantFrom('atlantic', 'pacific', '203.0.113.7', "o'brien\\", 'ünï 💥')
export const someCallId = fc.integer({ min: 0, max: 12 }).map(number => `call ${number}@a'b\\c`)
export const someMethod = fc.constantFrom('UPDATE', 'PRACK', 'INFO', 'X-ÜBER')
export const someDirection = fc.constantFrom('inbound', 'outbound', 'internal')
const someParty = fc.constantFrom(
  '+4930123@a.example',
  '4930124@b',
  '4930;x=1@c',
  '49-301.24',
  'anna@d',
  '',
  '2001@e',
  'x'
)
const someMicros = fc.integer({ min: 0, max: 400e6 })

const perhaps = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined })

const present = <Row extends object>(row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Row

/** Its id tells its time, as those of the correlator do. */
export const attempt: fc.Arbitrary<AttemptRecord> = fc
  .record({
    number: fc.integer({ min: 0, max: 9 }),
    startedAt: someTime,
    lasts: someMicros,
    callId: someCallId,
    peer: somePeer,
    direction: someDirection,
    from: someParty,
    to: someParty,
    class: fc.constantFrom(...earlyClasses),
    outcome: fc.oneof(fc.constantFrom(...outcomes), fc.constant('answered' as const)),
    status: fc.constantFrom(0, 200, 302, 404, 480, 486, 487, 503),
    alerted: fc.boolean(),
    firstCode: fc.constantFrom(0, 180, 183),
    spans: fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 })), { maxLength: 2 }),
    withSdp: fc.integer({ min: 0, max: 2 }),
    codes: perhaps(fc.uniqueArray(fc.constantFrom(...diagnosisCodes), { minLength: 1, maxLength: 2 })),
    sessionRequestDelay: perhaps(fc.integer({ min: 0, max: 9000 }).map(ms => ms / 1e3)),
    cancel: perhaps(fc.constantFrom('elsewhere', 'caller')),
    effectiveCause: perhaps(fc.constantFrom(16, 17, 34))
  })
  .map(({ number, startedAt, lasts, spans, withSdp, codes, cancel, ...fields }) => {
    const earlyMediaSpans = spansIn(startedAt, lasts, spans)
    const micros = earlyMediaSpans.reduce((sum, [from, to]) => sum + (to - from), 0)
    return present({
      kind: 'attempt',
      id: `${startedAt}-${fields.peer}-${number}`,
      ...fields,
      responder: '203.0.113.7',
      startedAt,
      endedAt: plus(startedAt, lasts as never),
      earlyMediaSeconds: micros / 1e6,
      earlyMediaSpans: earlyMediaSpans.length > 0 ? earlyMediaSpans : undefined,
      responses183: { withSdp, withoutSdp: 1 },
      transactions: 1,
      retries: [],
      diagnosis: codes && { codes, text: 'it is so' },
      cancel: fields.outcome === 'cancelled' ? cancel : undefined,
      flags: [],
      registry: 'r1'
    }) as unknown as AttemptRecord
  })

/** In order and apart, within the attempt. */
function spansIn(startedAt: EpochMicros, lasts: number, percents: readonly (readonly [number, number])[]): Span[] {
  const points = [...new Set(percents.flat())].sort((a, b) => a - b)
  const at = (percent: number): EpochMicros => epochMicros(startedAt + Math.floor((lasts * percent) / 100))
  const spans: Span[] = []
  for (let index = 0; index + 1 < points.length; index += 2) spans.push([at(points[index]!), at(points[index + 1]!)])
  return spans.filter(([from, to]) => from < to)
}

/** The end of a call whose attempt was answered. */
export const endOf = (answered: AttemptRecord, talkSeconds: number): CallEndRecord => ({
  kind: 'call_end',
  id: answered.id,
  callId: answered.callId,
  peer: answered.peer,
  direction: answered.direction,
  answeredAt: answered.endedAt,
  endedAt: plus(answered.endedAt, seconds(talkSeconds)),
  release: 'caller',
  talkSeconds,
  byeStatus: 200,
  registry: 'r1'
})

export const rejection: fc.Arbitrary<RejectionRecord> = fc
  .record({
    number: fc.integer({ min: 0, max: 9 }),
    at: someTime,
    callId: someCallId,
    peer: somePeer,
    direction: someDirection,
    method: someMethod,
    code: fc.constantFrom(405, 501)
  })
  .map(({ number, ...fields }) => ({
    kind: 'rejection',
    id: `${fields.at}-${fields.peer}-${number}`,
    ...fields,
    requester: '10.0.0.1',
    responder: '203.0.113.7',
    vias: 1,
    origin: true,
    registry: 'r1'
  }))

const allow: fc.Arbitrary<AllowRecord> = fc
  .record({
    at: someTime,
    peer: somePeer,
    source: fc.constantFrom('options', 'answer'),
    methods: fc.uniqueArray(someMethod)
  })
  // What a source said at a time it said once.
  .map(fields => ({ kind: 'allow', ...fields, methods: fields.at % 2 === 0 ? ['INVITE'] : ['INVITE', 'UPDATE'] }))

const alert: fc.Arbitrary<Alert> = fc
  .record({
    kind: fc.constantFrom(...alertKinds),
    peer: somePeer,
    startedAt: someTime,
    ended: fc.boolean()
  })
  .map(({ ended, kind, peer, startedAt }) => ({
    id: `${kind} ${peer} ${startedAt}`,
    kind,
    peer,
    severity: 'warning',
    startedAt,
    raisedAt: plus(startedAt, seconds(60)),
    ...(ended && { endedAt: plus(startedAt, seconds(600)) }),
    summary: 'it is so',
    evidence: { methods: ['INVITE'] },
    advice: 'look',
    runbook: kind
  }))

const legs: fc.Arbitrary<LegsRecord> = fc
  .record({ startedAt: someTime, callIds: fc.uniqueArray(someCallId, { minLength: 2, maxLength: 3 }) })
  .map(({ startedAt, callIds }) => ({
    kind: 'legs',
    id: `${startedAt} ${callIds.join()}`,
    startedAt,
    endedAt: plus(startedAt, seconds(5)),
    keys: ['x'],
    legs: callIds.map(callId => ({
      attempt: callId,
      callId,
      peer: 'atlantic',
      direction: 'inbound',
      responder: '10.0.0.1',
      requester: '203.0.113.7',
      startedAt,
      endedAt: startedAt,
      class: 'none',
      outcome: 'busy',
      status: 486
    })),
    faults: []
  }))

export const message: fc.Arbitrary<RawMessage> = fc
  .record({ capturedAt: someTime, callId: someCallId, payload: fc.uint8Array({ maxLength: 40 }) })
  .map(({ payload, ...fields }) => ({
    ...fields,
    agent: '7',
    transport: 'udp',
    source: { address: '2001:db8::7', port: 5060 },
    destination: { address: '10.0.0.1', port: 5062 },
    payload: Buffer.from(payload)
  }))

/** One record of each id, as the log has them. */
const distinct = <Row>(rows: fc.Arbitrary<Row>, keyOf: (row: Row) => string, maxLength: number): fc.Arbitrary<Row[]> =>
  // Most runs of fast-check's own size have too few to meet.
  fc.uniqueArray(rows, { selector: keyOf, maxLength, size: 'max' })

/** Everything that a store is ever given. */
export const everything: fc.Arbitrary<Required<Batch>> = fc
  .record({
    attempts: distinct(attempt, ({ id }) => id, 60),
    talks: fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 60, maxLength: 60 }),
    rejections: distinct(rejection, ({ id }) => id, 20),
    legs: distinct(legs, ({ id }) => id, 5),
    allows: distinct(allow, ({ peer, at, source }) => `${peer} ${at} ${source}`, 12),
    alerts: distinct(alert, ({ id, endedAt }) => `${id} ${endedAt}`, 12),
    messages: fc.array(message, { maxLength: 12 })
  })
  .map(({ talks, ...batch }) => ({
    ...batch,
    // Every other call is under way still.
    callEnds: batch.attempts.flatMap((each, index) =>
      each.outcome === 'answered' && talks[index]! % 2 === 0 ? [endOf(each, talks[index]!)] : []
    )
  }))

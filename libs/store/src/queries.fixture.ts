import fc from 'fast-check'
import { diagnosisCodes, earlyClasses, outcomes } from '@earshot/calls'
import { alertKinds } from '@earshot/peers'
import { someCallId, someDirection, someMethod, somePeer, someTime } from './batches.fixture.ts'
import type { AlertQuery, AttemptQuery, NumberMatch, RejectionQuery } from './store.ts'

/* Random queries of all kinds, about what is in batches.fixture.ts. */

export type AnyQuery =
  | { readonly of: 'attempts'; readonly query: AttemptQuery }
  | { readonly of: 'rejections'; readonly query: RejectionQuery }
  | { readonly of: 'alerts'; readonly query: AlertQuery }

const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })

const some = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
  fc.uniqueArray(value, { minLength: 1, maxLength: 3 })

const given = <Query extends object>(query: Query): Query =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Query

const someNumber: fc.Arbitrary<NumberMatch> = fc.record({
  digits: fc.constantFrom('', '49', '4930123', '4930124', '2001', '7'),
  prefix: fc.boolean()
})
const range = { from: optional(someTime), to: optional(someTime), limit: fc.integer({ min: 1, max: 20 }) }

export const anyQuery: fc.Arbitrary<AnyQuery> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        ...range,
        peers: optional(some(somePeer)),
        direction: optional(someDirection),
        callId: optional(someCallId),
        caller: optional(someNumber),
        callee: optional(someNumber),
        number: optional(someNumber),
        outcomes: optional(some(fc.constantFrom(...outcomes))),
        classes: optional(some(fc.constantFrom(...earlyClasses))),
        diagnosis: optional(fc.constantFrom(...diagnosisCodes)),
        rejectedMethod: optional(someMethod)
      })
      .map(query => ({ of: 'attempts', query: given(query) as AttemptQuery }) as const)
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        ...range,
        peers: optional(some(somePeer)),
        direction: optional(someDirection),
        method: optional(someMethod),
        code: optional(fc.constantFrom(405, 501)),
        callId: optional(someCallId)
      })
      .map(query => ({ of: 'rejections', query: given(query) as RejectionQuery }) as const)
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        ...range,
        peers: optional(some(somePeer)),
        kinds: optional(some(fc.constantFrom(...alertKinds))),
        active: optional(fc.boolean())
      })
      .map(query => ({ of: 'alerts', query: given(query) as AlertQuery }) as const)
  }
)

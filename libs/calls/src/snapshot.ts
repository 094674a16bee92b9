import type { Call, Transaction } from './state.ts'

/** Raised with every change of the shape of `Call`; each version that was ever written stays readable (testdata/state). */
const VERSION = 1

type Written = Omit<Call, 'transactions' | 'dueAt'> & {
  readonly v: number
  readonly transactions: readonly Transaction[]
  readonly dueAt: number
}

/** The state of one call as text. */
export function writeCall(call: Call): string {
  return JSON.stringify({ v: VERSION, ...call, transactions: [...call.transactions.values()] } satisfies Written)
}

/** @throws when a later version wrote it: an older program must not guess. */
export function readCall(text: string): Call {
  const { v, transactions, ...call } = JSON.parse(text) as Written
  if (v !== VERSION) {
    throw new Error(`The state of a call has format ${v}; this version of Earshot reads up to ${VERSION}`)
  }
  return { ...call, transactions: new Map(transactions.map(each => [each.key, each])) }
}

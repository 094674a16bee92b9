import type { Call, Transaction } from './state.ts'

/** Raised with every change of the shape of `Call`; each version that was ever written stays readable (testdata/state). */
const VERSION = 1

/** The state of one call as bytes. */
export function writeCall(call: Call): Buffer {
  return Buffer.from(
    JSON.stringify({ v: VERSION, ...call, transactions: [...call.transactions.values()], dueAt: undefined })
  )
}

/** @throws when a later version wrote it: an older program must not guess. */
export function readCall(bytes: Buffer): Call {
  const { v, transactions, ...call } = JSON.parse(bytes.toString()) as Omit<Call, 'transactions'> & {
    v: number
    transactions: Transaction[]
  }
  if (v !== VERSION)
    throw new Error(`The state of a call has format ${v}; this version of Earshot reads up to ${VERSION}`)
  return { ...call, dueAt: Infinity, transactions: new Map(transactions.map(each => [each.key, each])) }
}

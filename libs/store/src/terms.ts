import type { AttemptRecord } from '@earshot/calls'
import { digitsOf } from './numbers.ts'

/*
 * By what attempts are found of which one has several, or few have any: words of an index of their own.
 */

export const callerTerm = (digits: string): string => `from ${digits}`
export const calleeTerm = (digits: string): string => `to ${digits}`
export const diagnosisTerm = (code: string): string => `diagnosis ${code}`
export const rejectedTerm = (method: string): string => `rejected ${bounded(method)}`

export function termsOf({ from, to, diagnosis }: AttemptRecord): string[] {
  const [caller, callee] = [digitsOf(from), digitsOf(to)]
  return [
    ...(caller === '' ? [] : [callerTerm(caller)]),
    ...(callee === '' ? [] : [calleeTerm(callee)]),
    ...(diagnosis?.codes ?? []).map(diagnosisTerm)
  ]
}

/** The names of methods come from the wire. */
const bounded = (method: string): string => method.slice(0, 64)

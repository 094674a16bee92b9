import { readMethod } from './methods.ts'
import { decimal, digitsEnd, isSpace, skipSpace, wordEnd } from './octets.ts'

/** CSeq: -1 and '' stand for what is missing or malformed. */
export type CSeq = { readonly number: number; readonly method: string }

/** RAck (RFC 3262 §7.2): the RSeq acknowledged, then CSeq number and method of the response that carried it. */
export type RAck = { readonly rseq: number; readonly cseq: number; readonly method: string }

/** A number of 2³¹ and more is malformed (RFC 3261 §8.1.1.5, RFC 4475 scalar02); any white space separates. */
export function readCSeq(bytes: Buffer, at: number, end: number): CSeq {
  const afterDigits = digitsEnd(bytes, at, end)
  const number = decimal(bytes, at, afterDigits)
  const methodAt = skipSpace(bytes, afterDigits, end)
  const isSeparate = methodAt > afterDigits
  return {
    number: number < 2 ** 31 && (isSeparate || afterDigits === end) ? number : -1,
    method: isSeparate ? readMethod(bytes, methodAt, wordEnd(bytes, methodAt, end)) : ''
  }
}

/** 1 to 2³²-1 (RFC 3262 §10). */
export function readRSeq(bytes: Buffer, at: number, end: number): number | undefined {
  const number = decimal(bytes, at, end)
  return number >= 1 && number < 2 ** 32 ? number : undefined
}

export function readRAck(bytes: Buffer, at: number, end: number): RAck | undefined {
  const afterRSeq = digitsEnd(bytes, at, end)
  if (!isSpace(bytes[afterRSeq])) return undefined
  const rseq = readRSeq(bytes, at, afterRSeq)
  const { number: cseq, method } = readCSeq(bytes, skipSpace(bytes, afterRSeq, end), end)
  return rseq === undefined || cseq < 0 || method === '' ? undefined : { rseq, cseq, method }
}

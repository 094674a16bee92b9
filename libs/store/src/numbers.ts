import type { NumberMatch } from './store.ts'

/**
 * The digits of a telephone number that a party of an attempt (`user@host`, or a number) names; '' where it is a name or
 * an address. A leading + and the visual separators of RFC 3966 §5.1.1 are left out.
 */
export function digitsOf(party: string): string {
  const at = party.indexOf('@')
  const [user = ''] = (at < 0 ? party : party.slice(0, at)).split(';')
  const digits = user.replace(/^\+/, '').replace(/[-.()]/g, '')
  return /^\d{1,32}$/.test(digits) ? digits : ''
}

/** What people type: a number with its separators, and a * at the end for those that begin so. */
export function numberMatch(text: string): NumberMatch {
  const trimmed = text.trim()
  const digits = trimmed.replace(/\D/g, '')
  return trimmed.endsWith('*') ? { digits, prefix: true } : { digits }
}

/** The first text behind all that begin with these digits. */
export const behindPrefix = (digits: string): string => `${digits}:`

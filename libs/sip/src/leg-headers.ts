import { unquoted } from './parameters.ts'

/** Longer values say nothing that anybody compares; what is behind is not looked at. */
const MOST_READ = 2000

/**
 * The UUIDs of a Session-ID, the local one first, in lower case; without one that is nil or no UUID. The order says
 * who sent it and nothing else: `A;remote=B` and `B;remote=A` are one session.
 *
 * Source: RFC 7989 §5 (32 hexadecimal digits; nil, all zeros, is a side not known yet); RFC 7329 has no `remote`.
 */
export function readSessionIds(value: string): readonly string[] {
  const [local = '', ...parameters] = value.slice(0, MOST_READ).toLowerCase().split(';', 8)
  const remote = parameters.map(each => each.trim()).find(each => each.startsWith(REMOTE))
  const ids = [local.trim(), remote?.slice(REMOTE.length) ?? '']
  return ids.filter((id, index) => uuid.test(id) && id !== NIL && ids.indexOf(id) === index)
}

const REMOTE = 'remote='
const NIL = '0'.repeat(32)
const uuid = /^[0-9a-f]{32}$/

/**
 * The icid-value of a P-Charging-Vector without its quotes; '' without one.
 *
 * Source: RFC 7315 §5.6. There it comes first; it is found behind other parameters too.
 */
export const readIcid = (value: string): string => unquoted(icid.exec(value.slice(0, MOST_READ))?.[1] ?? '')

const icid = /(?:^|;)\s*icid-value\s*=\s*("(?:[^"\\]|\\.)*"|[^;,\s"]*)/i

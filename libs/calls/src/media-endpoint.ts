import { canonicalAddress, type Endpoint } from '@earshot/units'

/** As it is kept: `203.0.113.7 20000`. */
export const endpointText = ({ address }: Pick<Endpoint, 'address'>, port: number): string => `${address} ${port}`

/** The address in an endpoint's text. */
export const addressIn = (text: string): string => text.slice(0, text.indexOf(' '))

const LONGEST_ADDRESS = 45
/** A carrier's media have few addresses; who makes them all different pays with speed and not with memory. */
const MOST_ADDRESSES = 5000

/**
 * Where a description wants its first audio sent, as text; '' where it does not say so: no audio line, port 0, a hold
 * address, a name instead of an address. Total, at a cost linear in the length.
 */
export function endpointIn(description: Buffer): string {
  const text = description.toString('latin1')
  const line = text.indexOf('\nm=audio ')
  const port = line < 0 ? 0 : Number.parseInt(text.slice(line + 9, line + 15), 10)
  if (!(port > 0 && port <= 65_535)) return ''
  const address = addressAt(text, connectionOf(text, line))
  return address === '' ? '' : `${address} ${port}`
}

/** That of the media line rules, else that of the session part (RFC 4566 §5.7); -1 for none. */
function connectionOf(text: string, line: number): number {
  const next = text.indexOf('\nm=', line + 1)
  const own = text.indexOf('\nc=IN IP', line)
  if (own >= 0 && (next < 0 || own < next)) return own
  const first = text.indexOf('\nc=IN IP')
  return first < text.indexOf('\nm=') ? first : -1
}

/** `c=IN IP4 203.0.113.7/127` */
function addressAt(text: string, connection: number): string {
  if (connection < 0) return ''
  const at = connection + '\nc=IN IP4 '.length
  let end = at
  while (isAddressCharacter(text.charCodeAt(end)) && end - at <= LONGEST_ADDRESS) end++
  const word = text.slice(at, end)
  const known = addresses.get(word)
  if (known !== undefined) return known
  if (addresses.size >= MOST_ADDRESSES) addresses.clear()
  const address = usableAddress(word)
  addresses.set(word, address)
  return address
}

const addresses = new Map<string, string>()

const SLASH = 0x2f

/** Not a blank, the end of line or of text, or the slash before a TTL. */
const isAddressCharacter = (code: number): boolean => code > 0x20 && code !== SLASH

/** '' for what is no address, and for a hold address. */
function usableAddress(word: string): string {
  const address = canonicalAddress(word) ?? ''
  return address === '0.0.0.0' || address === '::' ? '' : address
}

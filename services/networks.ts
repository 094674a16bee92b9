import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

export type Network = { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' }

/** An address or a network in CIDR notation; undefined for what is neither. */
export function networkIn(text: string): Network | undefined {
  const [address = '', length, ...more] = text.trim().split('/')
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) && !address.includes('%') ? 'ipv6' : undefined
  if (family === undefined || more.length > 0) return undefined
  const bits = family === 'ipv4' ? 32 : 128
  if (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) <= bits)) return undefined
  return { address, prefix: length === undefined ? bits : Number(length), family }
}

/** @param texts all of them networks */
export function blockList(texts: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of texts) {
    const { address, prefix, family } = networkIn(text)!
    list.addSubnet(address, prefix, family)
  }
  return list
}

/** False for what is no address. */
export function covers(list: BlockList, address: string): boolean {
  const [plain = ''] = address.split('%')
  const family = isIP(plain)
  return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

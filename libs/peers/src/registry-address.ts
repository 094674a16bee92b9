import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Transport } from '@earshot/units'

/** A block of addresses, host bits zero; an IPv4-mapped IPv6 block is the IPv4 one. */
export type Block = { readonly bytes: readonly number[]; readonly prefix: number }

/** A member of a peer as the registry compares it. */
export type Member = {
  readonly block: Block
  readonly port: number | undefined
  readonly transport: Transport | undefined
}

export const transports = ['udp', 'tcp', 'tls', 'sctp', 'ws'] as const

export type MemberFields = {
  readonly address: string
  readonly port?: number | undefined
  readonly transport?: (typeof transports)[number] | undefined
}

/** Why a member cannot be used, and what to write instead. */
export type MemberMistake = { readonly kind: 'mistake'; readonly message: string }

const mistake = (message: string): MemberMistake => ({ kind: 'mistake', message })

/** Bytes of an address as endpoints are written, IPv4-mapped ones as IPv4; undefined for what is no address. */
export function addressBytes(text: string): readonly number[] | undefined {
  if (isIPv4(text)) return text.split('.').map(Number)
  if (!isIPv6(text) || text.includes('%')) return undefined
  const address = ipaddr.IPv6.parse(text)
  return (address.isIPv4MappedAddress() ? address.toIPv4Address() : address).toByteArray()
}

const written = /^(?:\[(?<bracketed>[^\]]*)\](?::(?<port6>\d+))?|(?<v4>[^:[\]]+)(?::(?<port4>\d+))?|(?<v6>[^[\]]+))$/

/** Reads `203.0.113.0/24`, `198.51.100.7:5080`, `[2001:db8::1]:5061`, `192.0.2.1;transport=tcp`, or the same as fields. */
export function readMember(member: string | MemberFields): Member | MemberMistake {
  if (typeof member !== 'string') return memberOf(member.address, member.port, member.transport)
  const [endpoint = '', parameter, ...more] = member.trim().split(';')
  const transport = transports.find(each => parameter === `transport=${each}`)
  if (more.length > 0 || (parameter !== undefined && transport === undefined)) {
    return mistake(
      `"${member}": write ;transport= and one of ${transports.join(', ')} after the address, and nothing else`
    )
  }
  const { bracketed, port6, v4, port4, v6 } = written.exec(endpoint)?.groups ?? {}
  const port = port6 ?? port4
  return memberOf(bracketed ?? v4 ?? v6 ?? endpoint, port === undefined ? undefined : Number(port), transport)
}

function memberOf(address: string, port: number | undefined, transport: Transport | undefined): Member | MemberMistake {
  if (port !== undefined && (port < 1 || port > 65535)) return mistake(`port ${port}: write one from 1 to 65535`)
  const block = readBlock(address)
  return 'kind' in block ? block : { block, port, transport }
}

function readBlock(text: string): Block | MemberMistake {
  const [address = '', length, ...more] = text.split('/')
  const bytes = addressBytes(address)
  if (bytes === undefined || more.length > 0) {
    return mistake(
      `"${text}" is no address; write one like 203.0.113.7, 203.0.113.0/24, 2001:db8::1 or [2001:db8::1]:5061`
    )
  }
  const mapped = address.includes(':') && bytes.length === 4 ? 96 : 0
  const bits = bytes.length * 8
  const prefix = length === undefined ? bits : Number(length) - mapped
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || prefix < 0 || prefix > bits)) {
    return mistake(`"${text}": write a prefix length from ${mapped} to ${bits + mapped}`)
  }
  const network = networkOf(bytes, prefix)
  if (network.some((byte, index) => byte !== bytes[index])) {
    const whole = blockText({ bytes: network, prefix })
    return mistake(`"${text}" has bits behind its prefix; write ${whole} for the network, or the address alone`)
  }
  return { bytes: network, prefix }
}

/** The address with everything behind the prefix zero. */
export const networkOf = (bytes: readonly number[], prefix: number): number[] =>
  bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - index * 8))) & 0xff)

export const addressText = (bytes: readonly number[]): string => ipaddr.fromByteArray([...bytes]).toString()

const blockText = ({ bytes, prefix }: Block): string =>
  prefix === bytes.length * 8 ? addressText(bytes) : `${addressText(bytes)}/${prefix}`

/** The one way to write a member, so that equal ones are equal texts. */
export function memberText({ block, port, transport }: Member): string {
  const text = blockText(block)
  const endpoint = port === undefined ? text : `${block.bytes.length === 16 ? `[${text}]` : text}:${port}`
  return transport === undefined ? endpoint : `${endpoint};transport=${transport}`
}

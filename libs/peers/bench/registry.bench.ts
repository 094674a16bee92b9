// What resolving an endpoint costs: addresses seen before, and new ones (forged sources).
import { parseRegistry } from '../src/registry.ts'

const peers = Array.from({ length: 2_000 }, (_, index) => ({
  name: `peer-${index}`,
  members: [
    `10.${index >> 8}.${index & 255}.0/24`,
    `10.${index >> 8}.${index & 255}.7:5080`,
    `2001:db8:${index.toString(16)}::/48`
  ]
}))
const registry = parseRegistry(JSON.stringify({ peers }), 'bench.yaml')

function perSecond(addresses: readonly string[], rounds: number): string {
  const start = performance.now()
  for (let round = 0; round < rounds; round++) for (const address of addresses) registry.resolve(address, 5060, 'udp')
  return `${((addresses.length * rounds * 1e-3) / (performance.now() - start)).toFixed(2)} M/s`
}

const v4 = (count: number, last: number) =>
  Array.from({ length: count }, (_, index) => `10.${(index >> 8) & 255}.${index & 255}.${last + (index >> 16)}`)
const v6 = Array.from(
  { length: 50_000 },
  (_, index) => `2001:db8:${(index & 2047).toString(16)}::${index.toString(16)}`
)
const seen = v4(5_000, 7)
perSecond(seen, 50)
console.table({
  'addresses seen before (5,000)': perSecond(seen, 2_000),
  'new IPv4 addresses (200,000)': perSecond(v4(200_000, 20), 1),
  'new IPv6 addresses (50,000)': perSecond(v6, 1)
})

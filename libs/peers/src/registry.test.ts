import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { Transport } from '@earshot/units'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { emptyRegistry, loadRegistry, parseRegistry, PeerNames, RegistryError } from './registry.ts'

const testdata = new URL('../testdata/registry/', import.meta.url).pathname

type Golden = {
  readonly entries: readonly unknown[]
  readonly endpoints: readonly (readonly [string, number, Transport, string | null])[]
}

const golden = JSON.parse(readFileSync(`${testdata}carriers.json`, 'utf8')) as Golden

describe('a registry file', () => {
  it('is read as its golden file says', async () => {
    const registry = await loadRegistry(`${testdata}carriers.yaml`)
    expect(registry.entries).toEqual(golden.entries)
    // Twice: the second answer comes from memory.
    for (const [address, port, transport, name] of [...golden.endpoints, ...golden.endpoints]) {
      const found = registry.resolve(address, port, transport)?.name ?? null
      expect([address, port, transport, found]).toEqual([address, port, transport, name])
    }
  })

  it('keeps its version over comments and layout, and changes it with what it says', () => {
    const version = (yaml: string) => parseRegistry(yaml, 'peers.yaml').version
    const one = version('peers:\n  - name: a\n    members: [192.0.2.1]\n')
    expect(one).toMatch(/^[0-9a-f]{12}$/)
    expect(version('# Ours\npeers: [{ members: [192.0.2.1/32], name: a }]')).toBe(one)
    expect(version('peers: [{ members: [192.0.2.2], name: a }]')).not.toBe(one)
    expect(version('peers: [{ members: [192.0.2.1], name: a, cps: 5 }]')).not.toBe(one)
  })

  it('may name IPv4 addresses in their IPv6 form', () => {
    const registry = parseRegistry('peers: [{ name: a, members: ["::ffff:192.0.2.0/120"] }]', 'peers.yaml')
    expect(registry.resolve('192.0.2.9', 5060, 'udp')?.name).toBe('a')
    expect(registry.resolve('::ffff:192.0.2.9', 5060, 'udp')?.name).toBe('a')
  })
})

describe('a mistake in a registry file is told with its line and what to write', () => {
  const peer = (lines: string): string => `peers:\n  - name: a\n    ${lines}`
  const noAddress = 'is no address; write one like 203.0.113.7, 203.0.113.0/24, 2001:db8::1 or [2001:db8::1]:5061'
  it.each([
    { yaml: '', says: '1: write peers: and a list under it' },
    { yaml: 'peer: []', says: '1: peers: write a list of peers\npeers.yaml:1: there is no "peer"; write one of peers' },
    {
      yaml: peer('member: [192.0.2.1]'),
      says:
        '2: peers[0].members: write a list of addresses\n' +
        'peers.yaml:3: peers[0]: there is no "member"; write one of name, group, members, ours, calls, cps, maintenance'
    },
    { yaml: peer('members: []'), says: '3: peers[0].members: write at least one address' },
    { yaml: peer('members:\n    - 192.0.2.300'), says: `4: peers[0].members[0]: "192.0.2.300" ${noAddress}` },
    { yaml: peer('members: [192.0.2.010]'), says: `3: peers[0].members[0]: "192.0.2.010" ${noAddress}` },
    { yaml: peer('members: [sbc.example.net]'), says: `3: peers[0].members[0]: "sbc.example.net" ${noAddress}` },
    { yaml: peer('members: [fe80::1%eth0]'), says: `3: peers[0].members[0]: "fe80::1%eth0" ${noAddress}` },
    {
      yaml: peer('members: [192.0.2.0/33]'),
      says: '3: peers[0].members[0]: "192.0.2.0/33": write a prefix length from 0 to 32'
    },
    {
      yaml: peer('members: [192.0.2.9/24]'),
      says:
        '3: peers[0].members[0]: "192.0.2.9/24" has bits behind its prefix; write 192.0.2.0/24 for the network, ' +
        'or the address alone'
    },
    {
      yaml: peer('members: [192.0.2.9:70000]'),
      says: '3: peers[0].members[0]: port 70000: write one from 1 to 65535'
    },
    {
      yaml: peer('members: [192.0.2.9;transport=ip]'),
      says:
        '3: peers[0].members[0]: "192.0.2.9;transport=ip": write ;transport= and one of udp, tcp, tls, sctp, ws ' +
        'after the address, and nothing else'
    },
    {
      yaml: peer('members: [{ address: 192.0.2.9, prot: 5060 }]'),
      says: '3: peers[0].members[0]: there is no "prot"; write one of address, port, transport'
    },
    {
      yaml: peer('members: [{ address: 192.0.2.9, port: sip }]'),
      says:
        '3: peers[0].members[0]: write an address as text, or a map of address, port (a number) and transport ' +
        '(udp, tcp, tls, sctp, ws)'
    },
    { yaml: peer('members: [192.0.2.9]\n    ours: maybe'), says: '4: peers[0].ours: write true or false' },
    {
      yaml: peer('members: [192.0.2.9]\n    cps: -1'),
      says: '4: peers[0].cps: write the number of call attempts per second'
    },
    {
      yaml: peer('members: [192.0.2.9]\n    maintenance:\n    - {from: 2026-11-30T22:00:00, to: 2026-12-01T00:00:00Z}'),
      says: '5: peers[0].maintenance[0].from: write a time with its offset, like 2026-11-30T22:00:00Z'
    },
    {
      yaml: peer(
        'members: [192.0.2.9]\n    maintenance:\n    - {from: 2026-11-30T22:00:00Z, to: 2026-11-30T22:00:00Z}'
      ),
      says: '5: peers[0].maintenance[0]: write a to that is later than its from'
    },
    {
      yaml: 'peers:\n- {name: a, members: [192.0.2.1]}\n- {name: a, members: [192.0.2.2]}',
      says: '3: peers[1].name: "a" is already peer 1; write another name, or join the members of both'
    },
    {
      yaml: 'peers:\n- {name: a, members: [192.0.2.0/24]}\n- {name: b, members: [192.0.2.0/24]}',
      says: '3: peers[1].members[0]: 192.0.2.0/24 is already a member of "a"; leave one of the two out'
    },
    {
      yaml: 'peers:\n- {name: a, members: ["2001:db8::1"]}\n- {name: b, members: ["2001:DB8:0:0::1/128"]}',
      says: '3: peers[1].members[0]: 2001:db8::1 is already a member of "a"; leave one of the two out'
    },
    {
      yaml: 'peers: [{name: other, members: [192.0.2.1]}]',
      says: '1: peers[0].name: write another name; other is everything unregistered'
    },
    { yaml: 'peers:\n\t- a', says: '2: Tabs are not allowed as indentation' }
  ])('$yaml', ({ yaml, says }) => {
    expect(() => parseRegistry(yaml, 'peers.yaml')).toThrow(new RegistryError([`peers.yaml:${says}`]))
  })

  it('also when there is no file', async () => {
    await expect(loadRegistry(`${testdata}none.yaml`)).rejects.toThrow(
      /none\.yaml: cannot be read \(ENOENT\); write the path of a YAML file$/
    )
  })
})

describe('the most specific member wins', () => {
  type Written = { address: string; prefix: number; port: number | undefined; transport: Transport | undefined }

  // Few different bits, so that members overlap and endpoints hit them.
  const v4 = fc.array(fc.constantFrom(0, 1, 128, 255), { minLength: 4, maxLength: 4 }).map(bytes => bytes.join('.'))
  const v6 = fc
    .array(fc.constantFrom('0', '1', '8000', 'ffff'), { minLength: 8, maxLength: 8 })
    .map(groups => ipaddr.IPv6.parse(groups.join(':')).toString())
    .filter(text => !ipaddr.IPv6.parse(text).isIPv4MappedAddress())
  const address = fc.oneof(v4, v6)
  const port = fc.constantFrom(5060, 5061)
  const transport = fc.constantFrom<Transport>('udp', 'tcp')
  const member = fc
    .record({ address, share: fc.nat(128), port: fc.option(port), transport: fc.option(transport) })
    .map(({ address: text, share, port: at, transport: over }): Written => {
      const prefix = text.includes(':') ? share : share % 33
      const family = text.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4
      const network = family.networkAddressFromCIDR(`${text}/${prefix}`).toString()
      return { address: network, prefix, port: at ?? undefined, transport: over ?? undefined }
    })
    // An IPv4-mapped network is written in IPv4 or not at all.
    .filter(({ address: text }) => !text.startsWith('::ffff:'))
  const members = fc.uniqueArray(member, { maxLength: 30, selector: each => JSON.stringify(each) })

  /** Looks at every member, with ipaddr.js to decide what matches. */
  function naive(all: readonly Written[], text: string, onPort: number, over: Transport): string | undefined {
    const at = ipaddr.parse(text)
    return all
      .map((each, index) => ({ ...each, name: `peer ${index}` }))
      .filter(each => {
        const network = ipaddr.parse(each.address)
        return (
          network.kind() === at.kind() &&
          at.match(network, each.prefix) &&
          (each.port ?? onPort) === onPort &&
          (each.transport ?? over) === over
        )
      })
      .toSorted(
        (a, b) =>
          b.prefix - a.prefix ||
          Number(b.port !== undefined) - Number(a.port !== undefined) ||
          Number(b.transport !== undefined) - Number(a.transport !== undefined)
      )[0]?.name
  }

  it('as a look at every member finds', () => {
    fc.assert(
      fc.property(members, fc.array(fc.tuple(address, port, transport), { maxLength: 20 }), (all, endpoints) => {
        const peers = all.map(({ address: text, prefix, port: on, transport: over }, index) => ({
          name: `peer ${index}`,
          members: [{ address: `${text}/${prefix}`, port: on, transport: over }]
        }))
        const registry = parseRegistry(JSON.stringify({ peers }), 'peers.yaml')
        for (const endpoint of endpoints) {
          expect(registry.resolve(...endpoint)?.name).toBe(naive(all, ...endpoint))
        }
      }),
      { numRuns: 300 }
    )
  })

  it('whatever text is asked for, without an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4Extended(), fc.ipV6()), fc.integer(), (text, onPort) => {
        expect(emptyRegistry.resolve(text, onPort, 'other')).toBeUndefined()
        const zoned = emptyRegistry.resolve(`${text}%eth0`, onPort, 'other')
        expect(zoned).toBeUndefined()
      })
    )
  })
})

describe('names of unregistered peers', () => {
  it('are their addresses, and other past maxPeers', () => {
    const names = new PeerNames(2)
    const asked = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.1', '192.0.2.3']
    expect(asked.map(address => names.nameOf(address))).toEqual([
      '192.0.2.1',
      '192.0.2.2',
      'other',
      '192.0.2.1',
      'other'
    ])
  })

  it('take no place of maxPeers where the registry knows them', () => {
    const names = new PeerNames(1, peer => peer === 'atlantic')
    expect(['atlantic', '192.0.2.1', 'atlantic'].map(peer => names.nameOf(peer))).toEqual([
      'atlantic',
      '192.0.2.1',
      'atlantic'
    ])
  })

  it('are kept that were in use before a restart, and take their places', () => {
    const names = new PeerNames(2)
    for (const peer of ['192.0.2.1', '192.0.2.2', '192.0.2.3', 'other']) names.admit(peer)
    expect(['192.0.2.3', '192.0.2.4'].map(peer => names.nameOf(peer))).toEqual(['192.0.2.3', 'other'])
  })
})

import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { addressBytes, canonicalAddress, ipv4Text, ipv6Text } from './address.ts'

const textOf = (text: string): string => {
  const bytes = Uint8Array.from(addressBytes(text))
  return bytes.length === 4 ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0)
}

describe('the text of an address', () => {
  it.each([
    { name: 'the shortest of all', given: '0:0:0:0:0:0:0:0', text: '::' },
    { name: 'loopback', given: '0:0:0:0:0:0:0:1', text: '::1' },
    { name: 'zeros at the end', given: 'fe80:0:0:0:0:0:0:0', text: 'fe80::' },
    { name: 'leading zeros', given: '2001:0db8:0000:0000:0000:0000:0002:0001', text: '2001:db8::2:1' },
    { name: 'upper case', given: '2001:DB8::AAAA', text: '2001:db8::aaaa' },
    { name: 'one group of zeros, which stays', given: '2001:db8:0:1:1:1:1:1', text: '2001:db8:0:1:1:1:1:1' },
    { name: 'two runs, the longer shortened', given: '2001:0:0:1:0:0:0:1', text: '2001:0:0:1::1' },
    { name: 'two runs of one length, the first shortened', given: '2001:db8:0:0:1:0:0:1', text: '2001:db8::1:0:0:1' },
    { name: 'no zeros', given: '1:2:3:4:5:6:7:8', text: '1:2:3:4:5:6:7:8' },
    { name: 'IPv4-mapped, dotted', given: '::ffff:192.0.2.1', text: '192.0.2.1' },
    { name: 'IPv4-mapped, in hex', given: '::ffff:c000:201', text: '192.0.2.1' },
    { name: 'IPv4', given: '192.0.2.1', text: '192.0.2.1' },
    { name: 'the IPv4 address of zeros', given: '0.0.0.0', text: '0.0.0.0' }
  ])('has one form: $name', ({ given, text }) => {
    expect(textOf(given)).toBe(text)
    expect(canonicalAddress(given)).toBe(text)
  })

  it.each(['', 'a.example', '192.0.2', '192.0.2.1:5060', '[::1]', 'fe80::1%eth0', '1:2'])('is not had by %j', text => {
    expect(canonicalAddress(text)).toBeUndefined()
  })

  it('is what a URL makes of it, for any IPv6 address that is not mapped', () => {
    fc.assert(
      fc.property(fc.ipV6(), address => {
        const inUrl = new URL(`http://[${address}]`).hostname.slice(1, -1)
        fc.pre(!inUrl.startsWith('::ffff:'))
        expect(textOf(address)).toBe(inUrl)
      })
    )
  })

  it('is right for more IPv4 addresses than are remembered', () => {
    for (let number = 0; number < 20_000; number++) {
      const bytes = Uint8Array.of(10, number >> 16, (number >> 8) & 255, number & 255)
      expect(ipv4Text(bytes, 0)).toBe(bytes.join('.'))
      expect(ipv4Text(bytes, 0)).toBe(bytes.join('.'))
    }
  })

  it.each(['10.0.0', '10.0.0.256', 'localhost', '1::2::3', 'fe80::1%eth0', ':'])('cannot be %s', text => {
    expect(() => addressBytes(text)).toThrow(RangeError)
  })
})

import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { endpointIn } from './media-endpoint.ts'

const of = (...lines: readonly string[]): string => endpointIn(Buffer.from(['v=0', ...lines].join('\r\n')))

describe('where a description wants its audio', () => {
  it.each([
    { name: 'the session says', lines: ['c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 8'], endpoint: '192.0.2.1 4000' },
    {
      name: 'its own line says, before the session',
      lines: ['c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 8', 'c=IN IP4 192.0.2.9/127'],
      endpoint: '192.0.2.9 4000'
    },
    {
      name: 'not what another line says',
      lines: ['c=IN IP4 192.0.2.1', 'm=video 5000 RTP/AVP 31', 'c=IN IP4 192.0.2.8', 'm=audio 4000 RTP/AVP 8'],
      endpoint: '192.0.2.1 4000'
    },
    { name: 'IPv6', lines: ['c=IN IP6 2001:DB8:0::1', 'm=audio 4000/2 RTP/AVP 8'], endpoint: '2001:db8::1 4000' },
    { name: 'the highest port', lines: ['c=IN IP4 192.0.2.1', 'm=audio 65535 RTP/AVP 8'], endpoint: '192.0.2.1 65535' },
    {
      name: 'its own line says, where another follows',
      lines: ['c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 8', 'c=IN IP4 192.0.2.9', 'm=video 5000 RTP/AVP 31'],
      endpoint: '192.0.2.9 4000'
    },
    {
      name: 'the session says, where a line behind has another',
      lines: ['c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 8', 'm=video 5000 RTP/AVP 31', 'c=IN IP4 192.0.2.9'],
      endpoint: '192.0.2.1 4000'
    },
    {
      name: 'nowhere: only another line has an address',
      lines: ['m=video 5000 RTP/AVP 31', 'c=IN IP4 192.0.2.8', 'm=audio 4000 RTP/AVP 8'],
      endpoint: ''
    },
    {
      name: 'IPv6 at its longest',
      lines: ['c=IN IP6 2001:0db8:0000:0000:0000:ffff:192.100.200.255', 'm=audio 4000 RTP/AVP 8'],
      endpoint: '2001:db8::ffff:c064:c8ff 4000'
    },
    { name: 'nowhere: no port', lines: ['c=IN IP4 192.0.2.1', 'm=audio 65536 RTP/AVP 8'], endpoint: '' },
    { name: 'nowhere: a hold address of IPv6', lines: ['c=IN IP6 ::', 'm=audio 4000 RTP/AVP 8'], endpoint: '' },
    { name: 'nowhere: port 0', lines: ['c=IN IP4 192.0.2.1', 'm=audio 0 RTP/AVP 8'], endpoint: '' },
    { name: 'nowhere: a hold address', lines: ['c=IN IP4 0.0.0.0', 'm=audio 4000 RTP/AVP 8'], endpoint: '' },
    { name: 'nowhere: a name', lines: ['c=IN IP4 host.example', 'm=audio 4000 RTP/AVP 8'], endpoint: '' },
    { name: 'nowhere: no audio', lines: ['c=IN IP4 192.0.2.1', 'm=image 4000 udptl t38'], endpoint: '' },
    { name: 'nowhere: no address', lines: ['m=audio 4000 RTP/AVP 8'], endpoint: '' }
  ])('is $name', ({ lines, endpoint }) => {
    expect(of(...lines)).toBe(endpoint)
  })

  it('is an endpoint or nothing, whatever the bytes', () => {
    const line = fc
      .tuple(fc.constantFrom('c=IN IP4 ', 'c=IN IP6 ', 'm=audio ', 'm=', '', 'c=IN IP'), fc.string())
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.array(line), lines => {
        expect(of(...lines)).toMatch(/^$|^[\d.a-f:]+ \d{1,5}$/)
      })
    )
  })
})

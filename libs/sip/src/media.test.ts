import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { earlyMediaDirections, mediaOf, parseDescription, type MediaLine } from './index.ts'

const session = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0']
const audio = 'm=audio 4000 RTP/AVP 8'

/** The media lines of a description of these lines behind the usual session part. */
const lines = (...more: readonly string[]): MediaLine[] | undefined =>
  mediaOf(Buffer.from([...session, ...more, ''].join('\r\n')))

const plain: MediaLine = {
  kind: 'audio',
  profile: 'RTP/AVP',
  open: true,
  direction: 'sendrecv',
  held: false,
  codecs: ['PCMA/8000'],
  keys: [],
  negotiable: false,
  unmet: []
}

describe('the media lines of a description', () => {
  it.each<{ name: string; text: string[]; line: Partial<MediaLine> }>([
    { name: 'a static payload type needs no rtpmap', text: [audio], line: {} },
    { name: 'port 0', text: ['m=audio 0 RTP/AVP 8'], line: { open: false } },
    { name: 'a number of ports', text: ['m=audio 4000/2 RTP/AVP 8'], line: {} },
    { name: 'port 0 with a number of ports', text: ['m=audio 0/2 RTP/AVP 8'], line: { open: false } },
    { name: 'a direction', text: [audio, 'a=sendonly'], line: { direction: 'sendonly' } },
    { name: 'the direction of the session part', text: ['a=inactive', audio], line: { direction: 'inactive' } },
    { name: 'its own direction first', text: ['a=inactive', audio, 'a=recvonly'], line: { direction: 'recvonly' } },
    { name: 'no direction in a longer word', text: [audio, 'a=sendonlyx'], line: {} },
    { name: 'a hold address', text: [audio, 'c=IN IP4 0.0.0.0'], line: { held: true } },
    { name: 'the hold address of the session part', text: ['c=IN IP6 ::', audio], line: { held: true } },
    { name: 'a hold address in full', text: [audio, 'c=IN IP6 0:0:0:0:0:0:0:0'], line: { held: true } },
    { name: 'its own address first', text: ['c=IN IP4 0.0.0.0', audio, 'c=IN IP4 192.0.2.1'], line: {} },
    { name: 'no hold address in one that begins so', text: [audio, 'c=IN IP6 ::1'], line: {} },
    {
      name: 'an rtpmap for each payload type, telephone events and comfort noise left out',
      text: [
        'm=audio 4000 RTP/AVP 96 111 101 13',
        'a=rtpmap:96 AMR/8000',
        'a=rtpmap:111 opus/48000/2',
        'a=rtpmap:101 Telephone-Event/8000',
        'a=rtpmap:13 CN/8000'
      ],
      line: { codecs: ['AMR/8000', 'opus/48000/2'] }
    },
    { name: 'one channel as none', text: [audio, 'a=rtpmap:8 pcma/8000/1'], line: { codecs: ['pcma/8000'] } },
    { name: 'no codec of a dynamic type without rtpmap', text: ['m=audio 4000 RTP/AVP 96'], line: { codecs: [] } },
    {
      name: 'no codec of a type that no list has',
      text: ['m=audio 4000 RTP/AVP constructor __proto__ 2'],
      line: { codecs: [] }
    },
    { name: 'no codec of an rtpmap for another type', text: [audio, 'a=rtpmap:96 AMR/8000'], line: {} },
    { name: 'a profile in any case', text: ['m=audio 4000 rtp/savpf 8'], line: { profile: 'RTP/SAVPF' } },
    { name: 'a key of SDES', text: [audio, 'a=crypto:1 X inline:y'], line: { keys: ['crypto'] } },
    { name: 'a fingerprint for all lines', text: ['a=fingerprint:sha-1 AA', audio], line: { keys: ['fingerprint'] } },
    { name: 'MIKEY', text: [audio, 'a=key-mgmt:mikey AQ'], line: { keys: ['mikey'] } },
    { name: 'capabilities', text: [audio, 'a=tcap:1 RTP/SAVP', 'a=pcfg:1 t=1'], line: { negotiable: true } },
    { name: 'capabilities of the session part', text: ['a=acap:1 x', audio], line: { negotiable: true } },
    {
      name: 'a precondition that is not met',
      text: [audio, 'a=curr:qos e2e none', 'a=des:qos mandatory e2e sendrecv'],
      line: { unmet: ['send', 'recv'] }
    },
    {
      name: 'a precondition met in one direction',
      text: [audio, 'a=curr:qos local send', 'a=des:qos mandatory local sendrecv'],
      line: { unmet: ['recv'] }
    },
    { name: 'a precondition without status', text: [audio, 'a=des:qos mandatory e2e send'], line: { unmet: ['send'] } },
    { name: 'no precondition that is optional', text: [audio, 'a=des:qos optional e2e sendrecv'], line: {} },
    {
      name: 'a precondition that is met, by status type',
      text: [
        audio,
        'a=curr:qos local sendrecv',
        'a=curr:qos remote none',
        'a=des:qos mandatory local sendrecv',
        'a=des:qos none remote sendrecv'
      ],
      line: {}
    }
  ])('have $name', ({ text, line }) => {
    expect(lines(...text)).toEqual([{ ...plain, ...line }])
  })

  it('stand in their order, each with its own', () => {
    const found = lines(audio, 'a=sendonly', 'm=video 0 RTP/AVP 31', 'm=image 4002 udptl t38')
    expect(found?.map(({ kind, open, direction }) => [kind, open, direction])).toEqual([
      ['audio', true, 'sendonly'],
      ['video', false, 'sendrecv'],
      ['image', true, 'sendrecv']
    ])
  })

  it.each([
    { name: 'without v=', text: audio, media: undefined },
    { name: 'of nothing', text: '', media: undefined },
    { name: 'without media', text: 'v=0\r\ns=-\r\n', media: [] },
    { name: 'with bare line feeds', text: `v=0\n${audio}\na=inactive`, media: [{ ...plain, direction: 'inactive' }] }
  ])('of a description $name', ({ text, media }) => {
    expect(mediaOf(Buffer.from(text))).toEqual(media)
  })

  it('keep no word as it stands that could be taken for two, or is endless', () => {
    const [line] = lines(`m=au,dio 4000 RTP/AVP 96`, `a=rtpmap:96 ${'x'.repeat(5000)}/8000`)!
    expect(line!.kind).toBe('au_dio')
    expect(line!.codecs[0]!.length).toBeLessThan(50)
  })

  it('are those that sdp-transform finds', () => {
    const codec = fc.constantFrom('PCMA/8000', 'PCMU/8000', 'G729/8000', 'AMR-WB/16000', 'opus/48000/2')
    const direction = fc.constantFrom('', 'sendonly', 'recvonly', 'inactive', 'sendrecv')
    const media = fc.record({
      kind: fc.constantFrom('audio', 'video'),
      port: fc.nat(65535),
      profile: fc.constantFrom('RTP/AVP', 'RTP/SAVP', 'UDP/TLS/RTP/SAVPF'),
      codecs: fc.array(codec, { minLength: 1, maxLength: 4 }),
      direction,
      crypto: fc.boolean()
    })
    fc.assert(
      fc.property(fc.array(media, { maxLength: 3 }), direction, (all, whole) => {
        const text = [...session, ...(whole ? [`a=${whole}`] : [])]
        for (const { kind, port, profile, codecs, direction: own, crypto } of all) {
          text.push(`m=${kind} ${port} ${profile} ${codecs.map((_, index) => 96 + index).join(' ')}`)
          for (const [index, name] of codecs.entries()) text.push(`a=rtpmap:${96 + index} ${name}`)
          if (own) text.push(`a=${own}`)
          if (crypto) text.push('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:key')
        }
        const bytes = Buffer.from(`${text.join('\r\n')}\r\n`)
        const other = parseDescription(bytes)!
        expect(
          mediaOf(bytes)?.map(line => [line.kind, line.profile, line.open, line.direction, line.codecs, line.keys])
        ).toEqual(
          other.media!.map(each => [
            each.type,
            each.protocol,
            each.port !== 0,
            each.direction ?? other.direction ?? 'sendrecv',
            each.rtp.map(({ codec: name, rate, encoding }) => `${name}/${rate}${encoding ? `/${encoding}` : ''}`),
            each.crypto ? ['crypto'] : []
          ])
        )
      })
    )
  })

  it('are found, or not, whatever the bytes', () => {
    const line = fc
      .tuple(
        fc.constantFrom('v=', 'm=', 'c=', 'a=rtpmap:', 'a=curr:', 'a=des:', 'a=', 'm=audio 1 RTP/AVP '),
        fc.string()
      )
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.array(line), fc.uint8Array(), (text, tail) => {
        const media = mediaOf(Buffer.concat([Buffer.from(`v=0\r\n${text.join('\n')}`), tail]))
        for (const { kind, profile, codecs } of media!) {
          for (const word of [kind, profile, ...codecs]) expect(word).toMatch(/^[^\s,]{0,100}$/)
        }
      })
    )
  })

  it.each([
    { name: 'one line', filling: 'x' },
    { name: 'media lines', filling: 'm=audio 1 RTP/AVP 0\n' },
    { name: 'formats', head: 'm=audio 1 RTP/AVP', filling: ' 96' },
    { name: 'rtpmaps', head: 'm=audio 1 RTP/AVP 1 2 3 4 5 6 7 8 9\n', filling: 'a=rtpmap:96 A/8000\n' },
    { name: 'blanks in an rtpmap', head: 'm=audio 1 RTP/AVP 96\na=rtpmap:96', filling: ' ' },
    { name: 'preconditions', head: 'm=audio 1 RTP/AVP 0\n', filling: 'a=des:qos mandatory e2e send\n' },
    { name: 'zeros in an address', head: 'c=IN IP6 ', filling: '0:' },
    { name: 'line ends', filling: '\n' },
    { name: 'attributes', head: 'm=audio 1 RTP/AVP 0\n', filling: 'a=\n' },
    { name: 'keys', head: 'm=audio 1 RTP/AVP 0\n', filling: 'a=crypto:\n' }
  ])('cost no more than the length of 64 KiB of $name', ({ head = '', filling }) => {
    const bytes = Buffer.from(`v=0\n${head}${filling.repeat(65_536 / filling.length)}`)
    const before = process.cpuUsage()
    for (let round = 0; round < 5; round++) mediaOf(bytes)
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(300_000)
  })
})

describe('P-Early-Media', () => {
  it.each([
    { value: 'sendrecv', directions: ['sendrecv'] },
    { value: 'SendOnly, inactive', directions: ['sendonly', 'inactive'] },
    { value: 'supported', directions: [] },
    { value: 'gated, recvonly', directions: ['recvonly'] },
    { value: 'inactive;x=y , vendor', directions: ['inactive'] },
    { value: '', directions: [] },
    { value: 'inactive,'.repeat(1000), directions: Array<string>(16).fill('inactive') }
  ])('`$value` asks for $directions', ({ value, directions }) => {
    expect(earlyMediaDirections(value)).toEqual(directions)
  })
})

import { describe, expect, it } from '@jest/globals'
import { mediaOf, type MediaLine } from '@earshot/sip'
import { mediaTextOf, readMedia, writeMedia } from './media-text.ts'

const plain: MediaLine = {
  kind: 'audio',
  profile: 'RTP/AVP',
  open: true,
  direction: 'sendrecv',
  held: false,
  codecs: ['PCMA/8000', 'opus/48000/2'],
  keys: [],
  negotiable: false,
  unmet: []
}

describe('what is kept of a description', () => {
  it.each([
    { text: 'audio RTP/AVP PCMA/8000 opus/48000/2', change: {} },
    { text: 'audio RTP/AVP off PCMA/8000 opus/48000/2', change: { open: false } },
    { text: 'audio RTP/AVP sendonly PCMA/8000 opus/48000/2', change: { direction: 'sendonly' } },
    { text: 'audio RTP/AVP recvonly PCMA/8000 opus/48000/2', change: { direction: 'recvonly' } },
    { text: 'audio RTP/AVP inactive PCMA/8000 opus/48000/2', change: { direction: 'inactive' } },
    { text: 'audio RTP/AVP held PCMA/8000 opus/48000/2', change: { held: true } },
    { text: 'audio RTP/AVP', change: { codecs: [] } },
    { text: 'image UDPTL', change: { kind: 'image', profile: 'UDPTL', codecs: [] } },
    { text: 'audio RTP/AVP key:crypto key:mikey', change: { codecs: [], keys: ['crypto', 'mikey'] } },
    { text: 'audio RTP/AVP negotiable', change: { codecs: [], negotiable: true } },
    { text: 'audio RTP/AVP unmet:send unmet:recv', change: { codecs: [], unmet: ['send', 'recv'] } }
  ] as const)('reads back as it was: $text', ({ text, change }) => {
    const media: MediaLine[] = [{ ...plain, ...change }]
    expect(writeMedia(media)).toBe(text)
    expect(readMedia(text)).toEqual(media)
    expect(readMedia(text)).toEqual(media)
    const video = { ...plain, kind: 'video', codecs: ['H264/90000'] }
    expect(readMedia(writeMedia([...media, video]))).toEqual([...media, video])
  })

  it('tells a body that is no description from one without media, and from none', () => {
    expect([writeMedia(undefined), writeMedia([])]).toEqual(['!', '-'])
    expect([readMedia('!'), readMedia('-'), readMedia('')]).toEqual([undefined, [], []])
  })

  it('is as long as a real one at most, and ends with a whole word', () => {
    const codecs = Array.from({ length: 500 }, (_, index) => `CODEC${index}/8000`)
    const text = writeMedia([{ ...plain, codecs }])
    expect(text.length).toBeLessThanOrEqual(2000)
    expect(text.length).toBeGreaterThan(1950)
    expect(readMedia(text)![0]!.codecs).toEqual(codecs.slice(0, readMedia(text)![0]!.codecs.length))
    const full = [{ ...plain, codecs: ['A/8000', `${'X'.repeat(2000 - 'audio RTP/AVP A/8000 /8000'.length)}/8000`] }]
    expect([writeMedia(full).length, readMedia(writeMedia(full))]).toEqual([2000, full])
  })
})

/** Descriptions that differ in what is looked at, or not, where one is known by another. */
const descriptions: readonly (readonly string[])[] = [
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 4000 RTP/AVP 8'],
  ['o=- 2 2 IN IP4 192.0.2.2', 's=-', 'm=audio 4998 RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 1 RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 0 RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 00 RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 4000/2 RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 4000 RTP/AVP 0'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 4000 RTP/AVP 18'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=video 4000 RTP/AVP 31'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio x RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio  RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio', 'm=audio 4000 RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio', 'm=audio 0 RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 4000 RTP/AVP 8', 'm=audio 0 RTP/AVP 0'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 4000 RTP/AVP 8', 'm=audio 5000 RTP/AVP 0'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 4000 RTP/AVP 8', 'a=sendonly'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 0.0.0.0', 'm=audio 4000 RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 9'],
  ['s=-', 'm=audio 4000 RTP/AVP 8'],
  ['s=-', 'm=audio 0 RTP/AVP 8'],
  ['m=audio 0 RTP/AVP 8', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 4000 RTP/AVP 8'],
  ['m=audio 4000 RTP/AVP 8', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'm=audio 4000 RTP/AVP 8'],
  ['o=- 1 1 IN IP4 192.0.2.1', 's=-'],
  ['o=- 1 1 IN IP4 192.0.2.1']
]

describe('a description that is like a former one', () => {
  // Each pair has a name of its own, so that nothing else is remembered of it.
  const bytes = (lines: readonly string[], name: string): Buffer =>
    Buffer.from(['v=0', ...lines, `a=pair:${name}`].join('\r\n'))

  it('is kept as when it is read by itself', () => {
    for (const [index, one] of descriptions.entries()) {
      for (const [other, second] of descriptions.entries()) {
        const name = `${index} ${other}`
        mediaTextOf(bytes(one, name))
        const text = mediaTextOf(bytes(second, name))
        expect({ one, second, text }).toEqual({ one, second, text: writeMedia(mediaOf(bytes(second, name))) })
      }
    }
  })

  it('is read without end of line, and where it is longer than any real one', () => {
    for (const lines of descriptions) {
      const cut = Buffer.from(['v=0', ...lines].join('\n'))
      expect(mediaTextOf(cut)).toBe(writeMedia(mediaOf(cut)))
      const long = bytes(lines, 'x'.repeat(5000))
      expect(mediaTextOf(long)).toBe(writeMedia(mediaOf(long)))
    }
  })
})

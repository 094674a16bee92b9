import { describe, expect, it } from '@jest/globals'
import { mediaOf, type MediaLine } from '@earshot/sip'
import fc from 'fast-check'
import { mediaTextOf, readMedia, writeMedia } from './media-text.ts'
import { judge, type Verdict } from './usable.ts'

const media = (text: string): readonly MediaLine[] | undefined => readMedia(text)
const usual = 'audio RTP/AVP PCMA/8000 PCMU/8000'

const verdict = (caller: string, callee: string, answerer: 'caller' | 'callee' = 'callee'): Verdict =>
  judge(media(caller), media(callee), answerer)

describe('media can reach the caller', () => {
  it.each([
    { name: 'sendrecv on both sides', caller: usual, callee: usual },
    { name: 'a callee that only sends', caller: usual, callee: `${usual} sendonly` },
    { name: 'a caller who only receives', caller: `${usual} recvonly`, callee: usual },
    { name: 'one common codec, in any case', caller: usual, callee: 'audio RTP/AVP G729/8000 pcmu/8000' },
    { name: 'profiles of one family', caller: 'audio RTP/AVPF PCMA/8000', callee: usual },
    {
      name: 'SRTP with keys',
      caller: 'audio RTP/SAVP PCMA/8000 key:crypto',
      callee: 'audio RTP/SAVPF PCMA/8000 key:mikey'
    },
    {
      name: 'DTLS with fingerprints',
      caller: 'audio UDP/TLS/RTP/SAVP PCMA/8000 key:fingerprint',
      callee: 'audio UDP/TLS/RTP/SAVPF PCMA/8000 key:fingerprint'
    },
    {
      name: 'capabilities, whatever the profiles',
      caller: `${usual} negotiable`,
      callee: 'audio RTP/SAVP PCMA/8000 key:crypto'
    },
    { name: 'a video line refused', caller: `${usual},video RTP/AVP H264/90000`, callee: `${usual},video RTP/AVP off` },
    { name: 'a video line left out', caller: `${usual},video RTP/AVP H264/90000`, callee: usual }
  ])('with $name', ({ caller, callee }) => {
    expect(verdict(caller, callee)).toEqual({ usable: [0], faults: [], calleeHeld: false })
  })

  it('over the second line where the first is refused', () => {
    const callee = `audio RTP/AVP off,${usual}`
    expect(verdict(`${usual},${usual}`, callee)).toEqual({ usable: [1], faults: [], calleeHeld: false })
  })

  it('from a callee at 0.0.0.0, which is told', () => {
    expect(verdict(usual, `${usual} held`)).toEqual({ usable: [0], faults: [], calleeHeld: true })
  })
})

describe('media cannot reach the caller', () => {
  it.each([
    { name: 'the callee only receives', caller: usual, callee: `${usual} recvonly`, faults: ['no_backward_media'] },
    { name: 'the callee is inactive', caller: usual, callee: `${usual} inactive`, faults: ['no_backward_media'] },
    { name: 'the caller only sends', caller: `${usual} sendonly`, callee: usual, faults: ['no_backward_media'] },
    { name: 'the caller is inactive', caller: `${usual} inactive`, callee: usual, faults: ['no_backward_media'] },
    { name: 'the callee has port 0', caller: usual, callee: 'audio RTP/AVP off inactive', faults: ['port_zero'] },
    { name: 'the caller has port 0', caller: `${usual} off`, callee: usual, faults: ['port_zero'] },
    { name: 'the caller is on hold', caller: `${usual} held`, callee: usual, faults: ['hold_address'] },
    { name: 'no codec is common', caller: usual, callee: 'audio RTP/AVP G729/8000', faults: ['codec_mismatch'] },
    { name: 'only clocks differ', caller: usual, callee: 'audio RTP/AVP PCMA/16000', faults: ['codec_mismatch'] },
    {
      name: 'only channels differ',
      caller: 'audio RTP/AVP L16/44100/2',
      callee: 'audio RTP/AVP L16/44100',
      faults: ['codec_mismatch']
    },
    {
      name: 'there is no codec at all',
      caller: 'audio RTP/AVP',
      callee: 'audio RTP/AVP',
      faults: ['codec_mismatch']
    },
    {
      name: 'it is RTP against SRTP',
      caller: usual,
      callee: 'audio RTP/SAVP PCMA/8000 key:crypto',
      faults: ['profile_mismatch']
    },
    {
      name: 'it is SDES against DTLS',
      caller: 'audio RTP/SAVP PCMA/8000 key:crypto',
      callee: 'audio UDP/TLS/RTP/SAVP PCMA/8000 key:fingerprint',
      faults: ['profile_mismatch']
    },
    {
      name: 'the callee has no key',
      caller: 'audio RTP/SAVP PCMA/8000 key:crypto',
      callee: 'audio RTP/SAVP PCMA/8000',
      faults: ['key_missing']
    },
    {
      name: 'the caller has no fingerprint',
      caller: 'audio UDP/TLS/RTP/SAVP PCMA/8000 key:crypto',
      callee: 'audio UDP/TLS/RTP/SAVP PCMA/8000 key:fingerprint',
      faults: ['key_missing']
    },
    { name: 'the answer is fax', caller: usual, callee: 'image UDPTL', faults: ['no_audio'] },
    { name: 'the offer is video', caller: 'video RTP/AVP H264/90000', callee: usual, faults: ['no_audio'] },
    {
      name: 'the lines are in another order',
      caller: `${usual},video RTP/AVP H264/90000`,
      callee: `video RTP/AVP H264/90000,${usual}`,
      faults: ['malformed_answer']
    },
    { name: 'the answer has no lines', caller: usual, callee: '-', faults: ['malformed_answer'] },
    { name: 'the answer is unreadable', caller: usual, callee: '!', faults: ['malformed_answer'] },
    { name: 'the offer is unreadable', caller: '!', callee: usual, faults: ['no_audio'] },
    {
      name: 'several things are wrong',
      caller: `${usual} held`,
      callee: 'audio RTP/SAVP G729/8000 recvonly',
      faults: ['no_backward_media', 'hold_address', 'codec_mismatch', 'profile_mismatch', 'key_missing']
    },
    {
      name: 'each line has its own fault',
      caller: `${usual},${usual}`,
      callee: `${usual} off,${usual} inactive`,
      faults: ['port_zero', 'no_backward_media']
    }
  ])('where $name', ({ caller, callee, faults }) => {
    expect(verdict(caller, callee)).toEqual({ usable: [], faults, calleeHeld: false })
  })

  it('where the caller answers with what is no answer', () => {
    expect(verdict('-', usual, 'caller').faults).toEqual(['malformed_answer'])
    expect(verdict(usual, '-', 'caller').faults).toEqual(['no_audio'])
  })
})

describe('a description as text', () => {
  it.each([
    usual,
    'audio RTP/SAVP off sendonly held PCMA/8000 key:crypto key:mikey negotiable unmet:send unmet:recv',
    `${usual},video RTP/AVP inactive H264/90000`,
    '-'
  ])('%s comes back as it was written', text => {
    expect(writeMedia(media(text))).toBe(text)
  })

  it('is the same whether it was looked up or read', () => {
    const line = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('audio', 'audio ', 'video'),
          fc.constantFrom('0', '1', '00', '05', '0/2', '20000', 'x', '')
        )
        .map(([kind, port]) => `m=${kind} ${port} RTP/AVP 8 96`),
      fc.constantFrom('m=audio', 'o=- 1 1', 'o=- 2 1', 'a=rtpmap:96 1/8000', 'a=rtpmap:96 2/8000', 'a=inactive', 'v=0')
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), lines => {
        const description = Buffer.from(['v=0', ...lines].join('\r\n'))
        expect(mediaTextOf(description)).toBe(writeMedia(mediaOf(description)))
      }),
      { numRuns: 2000 }
    )
  })

  it('is bounded', () => {
    const [line] = media(usual)!
    const endless = Array.from({ length: 500 }, () => ({ ...line!, codecs: ['x'.repeat(30)] }))
    expect(writeMedia(endless).length).toBeLessThanOrEqual(2000)
  })
})

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { byAddress, defaultLimits, type Parties } from '@earshot/calls'
import { ladder, ladderParticipants } from '@earshot/traffic'
import type { Captured } from '@earshot/units'
import { captureWriter } from '../captures.fixture.ts'
import { explain, NoSuchCall, type ExplainOptions } from './explain.ts'

const testdata = new URL('../testdata/explain/', import.meta.url)
const capture = captureWriter()

/** Of a ladder that names its participants these names, else addresses. */
function partiesIn(text: string): Parties {
  if (!/^\w+ = /m.test(text)) return byAddress
  const participants = ladderParticipants(text)
  const of: Parties['of'] = ({ address, port }) => {
    const found = participants.findLast(({ endpoint }) => endpoint.address === address && endpoint.port === port)
    return found ?? { name: address, ours: false }
  }
  return { version: 'ladder', of }
}

async function explained(
  captured: readonly Captured[],
  options: Partial<ExplainOptions> = {},
  lost = 0
): Promise<string> {
  let text = ''
  await explain([capture('call.pcap', captured, lost)], {
    parties: byAddress,
    limits: defaultLimits,
    width: 110,
    paint: (_style, painted) => painted,
    write: async piece => void (text += piece),
    ...options
  })
  return text
}

const names = readdirSync(testdata).flatMap(file => (file.endsWith('.ladder') ? [file.replace('.ladder', '')] : []))

describe('the drawing of a call', () => {
  const textOf = (name: string): string => readFileSync(new URL(`${name}.ladder`, testdata), 'utf8')

  it.each(names)('%s is as its golden file has it', async name => {
    const text = textOf(name)
    const drawing = await explained(ladder(text), { parties: partiesIn(text) })
    const golden = new URL(`${name}.txt`, testdata)
    if (process.env['WRITE_DRAWINGS'] !== undefined && !existsSync(golden)) writeFileSync(golden, drawing)
    expect(drawing).toBe(readFileSync(golden, 'utf8'))
  })

  it('fits the terminal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.integer({ min: 60, max: 200 }), async (name, width) => {
        const text = textOf(name)
        const drawing = await explained(ladder(text), { parties: partiesIn(text), width })
        expect(Math.max(...drawing.split('\n').map(line => stringWidth(line)))).toBeLessThanOrEqual(width)
      }),
      { numRuns: 40 }
    )
  })

  it('marks early media and the message at fault by colours as well', async () => {
    const paint: ExplainOptions['paint'] = (style, text) => `<${style}>${text}</${style}>`
    const drawing = await explained(ladder(textOf('announcement')), { paint })
    expect(drawing).toMatch(/<fault>✗<\/fault> +5\.500  <fault>.* 480 .*<\/fault>/)
    expect(drawing).toMatch(/<early>┏<\/early> +0\.480/)
  })

  it('prints nothing from the wire that a terminal would act on', async () => {
    const hostile = ladder(
      '0 a>b INVITE +S  Reason: SIP;cause=200;text="\u001b[2J"\n9 b>a 183 tt=\u009b1\n20 b>a 183 tt=y +S(codecs=G729)'
    )
    expect(await explained(hostile)).toMatch(/^(?:\P{Cc}|\n)*$/u)
  })

  it('leaves out what is beyond 2000 packets of a call, and says so', async () => {
    const ping = (number: number): string => `${number * 40} a>b OPTIONS b${number} cseq=${number + 1}`
    const pings = ladder(Array.from({ length: 2010 }, (_, number) => ping(number)).join('\n'))
    const drawing = await explained(pings, { call: 'call-1@ladder.example' })
    expect(drawing).toContain('\n10 more packets of this call are not shown\n')
    expect(drawing).toContain('no call attempt')
  })
})

describe('the choice of a call', () => {
  const calls = ladder(`
    0      a>b INVITE call=1 +S
    500    b>a 183 tt=x call=1 +S
    2500   b>a 480 call=1
    10000  a>b INVITE call=2 +S
    10500  b>a 183 tt=y call=2 +S(codecs=G729)
    12500  b>a 486 call=2
    20000  a>b INVITE call=3 +S
    20500  b>a 180 tt=z call=3
    22500  b>a 200 call=3`)

  it('is the most telling one, and the others are listed', async () => {
    const drawing = await explained(calls)
    expect(drawing).toMatch(/^2 of 3 attempts .*\n  1  .*codec_mismatch.*call-2@.*\n  2  .*\s+call-1@.*\n/)
    expect(drawing).toContain('\n\ncall-2@ladder.example\n\n')
  })

  it.each([
    { call: '2', drawn: 'call-1@ladder.example' },
    { call: 'call-3@ladder.example', drawn: 'call-3@ladder.example' }
  ])('is free: --call $call', async ({ call, drawn }) => {
    expect(await explained(calls, { call })).toMatch(new RegExp(`^${drawn}\n\n`))
  })

  it('says which Call-IDs are near one that is not there', async () => {
    const missing = explained(calls, { call: 'call-3@ladder.exampl' })
    await expect(missing).rejects.toThrow(NoSuchCall)
    await expect(missing).rejects.toThrow(
      /^no message with Call-ID call-3@ladder\.exampl; near it: call-3@ladder\.example$/
    )
    await expect(explained(calls, { call: '3' })).rejects.toThrow(/^no message with Call-ID 3; the list has 2 calls$/)
    await expect(explained(calls, { call: 'x@y' })).rejects.toThrow(
      /^no message with Call-ID x@y; earshot explain FILE lists calls$/
    )
  })

  it('says of a file that is cut off that it is, where the call may have been behind', async () => {
    const explaining = explained(calls, { call: 'call-3@ladder.example' }, 1200)
    await expect(explaining).rejects.toThrow(NoSuchCall)
    await expect(explaining).rejects.toThrow(/^no message with Call-ID call-3.*\n.*call\.pcap: .+$/)
  })

  it('is none where there is nothing to look at', async () => {
    expect(await explained(calls.slice(6))).toBe(
      'none of 1 attempts has a diagnosis or unanswered early media; any call: --call CALL-ID\n'
    )
  })

  it('knows a 183 without SDP by those of its peer that have it', async () => {
    const usual = Array.from({ length: 20 }, (_, number) => {
      const [at, call] = [number * 10_000, `call=${number}`]
      return `${at} a>b INVITE ${call} +S\n${at + 100} b>a 183 tt=x ${call} +S\n${at + 900} b>a 200 ${call}\n`
    })
    const odd =
      '300000 a>b INVITE call=99 +S\n300100 b>a 183 tt=x call=99\n300200 b>a 180 call=99\n300900 b>a 200 call=99'
    const drawing = await explained(ladder(`${usual.join('')}${odd}`))
    expect(drawing).toContain('sdp_missing_in_183')
    expect(drawing).toContain('203.0.113.7 sent 183 without SDP; 20 of 21 183s of 203.0.113.7 have it.')
  })

  it('draws an attempt without a final as it stood at the end of the file', async () => {
    const [open, later] = [
      '0 a>b INVITE call=1 +S\n100 b>a 183 tt=x call=1 +S(codecs=G729)',
      '2000000 a>b OPTIONS call=2'
    ]
    expect(await explained(ladder(open))).toContain('outbound to 203.0.113.7: open\n')
    expect(await explained(ladder(`${open}\n${later}`))).toContain('outbound to 203.0.113.7: timeout after')
  })
})

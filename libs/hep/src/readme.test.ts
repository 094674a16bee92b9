import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { decodeHep, encodeHep, HepFramer } from './index.ts'

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')

const lines = (text: string): string => text.replace(/^ +/gm, '')

it('the example of the README does what it shows', () => {
  const seen: string[] = []
  const refused: string[] = []
  const piece = Buffer.concat([
    encodeHep({
      captureId: 2001,
      protocol: 1,
      transport: 'udp',
      source: { address: '10.0.0.1', port: 5060 },
      destination: { address: '203.0.113.7', port: 5060 },
      payload: Buffer.from('OPTIONS sip:203.0.113.7 SIP/2.0')
    }),
    Buffer.from('484553', 'hex'),
    Buffer.from('48455033000d00000007000713', 'hex')
  ])

  const framer = new HepFramer()
  for (const frame of framer.push(piece)) {
    const packet = decodeHep(frame)
    if (packet.kind === 'error') refused.push(packet.code)
    else seen.push(`${packet.source.address} ${packet.payload.toString()}`)
  }

  expect(seen).toEqual(['10.0.0.1 OPTIONS sip:203.0.113.7 SIP/2.0'])
  expect(refused).toEqual(['bad-chunk-length'])
  const [, example = 'none'] = /```ts\n(.*?)```/s.exec(read('../README.md')) ?? []
  expect(lines(read('readme.test.ts'))).toContain(lines(example))
})

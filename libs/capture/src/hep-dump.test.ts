import { afterAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeHep } from '@earshot/hep'
import { epochMicros, type Captured } from '@earshot/units'
import { CaptureError, readCapture } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'hep-dump-'))
afterAll(() => rmSync(folder, { recursive: true }))

const frame = (number: number): Buffer =>
  encodeHep({
    capturedAt: epochMicros(1.7e15 + number),
    captureId: number,
    protocol: 1,
    transport: 'udp',
    source: { address: '192.0.2.1', port: 5060 },
    destination: { address: '192.0.2.2', port: 5060 },
    payload: Buffer.from(`OPTIONS sip:${number}@example.net SIP/2.0\r\nCall-ID: ${number}\r\n\r\n`)
  })

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

async function read(bytes: Buffer): Promise<{ agents: string[]; code?: string }> {
  const path = join(folder, 'dump')
  writeFileSync(path, bytes)
  const found: Captured[] = []
  try {
    for await (const batch of readCapture(path)) found.push(...batch)
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    return { agents: found.map(({ agent }) => agent), code: error.code }
  }
  return { agents: found.map(({ agent }) => agent) }
}

describe('a file of HEP frames', () => {
  const frames = [1, 2, 3].map(frame)
  const all = ['1', '2', '3']

  it.each([
    { name: 'one behind the other', bytes: Buffer.concat(frames), result: { agents: all } },
    { name: 'each behind its length', bytes: Buffer.concat(frames.map(withLength)), result: { agents: all } },
    {
      name: 'cut off in the last one',
      bytes: Buffer.concat(frames).subarray(0, -1),
      result: { agents: ['1', '2'], code: 'truncated' }
    },
    {
      name: 'with something else between them',
      bytes: Buffer.concat([frames[0]!, Buffer.from('garbage'), frames[1]!]),
      result: { agents: ['1'], code: 'corrupt' }
    }
  ])('reads frames $name', async ({ bytes, result }) => {
    expect(await read(bytes)).toEqual(result)
  })
})

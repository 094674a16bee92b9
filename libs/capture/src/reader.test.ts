import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { CaptureError } from './capture-error.ts'
import { readCapture } from './reader.ts'
import * as files from './testing/files.ts'
import { pcap, readAll, sectionHeader, temporaryFolder, writeCapture } from './testing/files.ts'
import type { Order } from './testing/files.ts'
import { ipv4, options, udp } from './testing/frames.ts'

let folder = ''
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => rmSync(folder, { recursive: true }))

const bytes = ipv4(17, udp(options()))
const seconds = 1_700_000_000
const units = BigInt(seconds) * 1_000_000_000n + 123_456_789n
const micros = seconds * 1e6 + 123_456
const packet = { seconds, fraction: 123_456, bytes }
const simple = pcap(0xa1b2c3d4, 'LE', 101, [packet, packet, packet])

const { block, enhancedPacket, interfaceBlock, obsoletePacket, option, simplePacket } = files
const sections = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts)
const resolution = (order: Order, value: number): Buffer => option(order, 9, Buffer.from([value]))
const offset = (value: bigint): Buffer => {
  const field = Buffer.alloc(8)
  field.writeBigInt64LE(value)
  return option('LE', 14, field)
}

describe('a capture file is read', () => {
  it.each<{ name: string; file: Buffer; times: number[] }>([
    { name: 'pcap, little-endian', file: pcap(0xa1b2c3d4, 'LE', 101, [packet]), times: [micros] },
    { name: 'pcap, big-endian', file: pcap(0xa1b2c3d4, 'BE', 101, [packet]), times: [micros] },
    {
      name: 'pcap with nanoseconds',
      file: pcap(0xa1b23c4d, 'LE', 101, [{ ...packet, fraction: 123_456_789 }]),
      times: [micros]
    },
    {
      name: 'pcap with nanoseconds, big-endian',
      file: pcap(0xa1b23c4d, 'BE', 101, [{ ...packet, fraction: 999 }]),
      times: [seconds * 1e6]
    },
    {
      name: 'pcap as patched by Kuznetzov',
      file: pcap(0xa1b2cd34, 'LE', 101, [packet, packet]),
      times: [micros, micros]
    },
    {
      name: 'pcap with a frame check length beside the link type',
      file: pcap(0xa1b2c3d4, 'LE', 0x4400_0000 + 101, [packet]),
      times: [micros]
    },
    { name: 'pcap without packets', file: pcap(0xa1b2c3d4, 'LE', 1, []), times: [] },
    { name: 'gzip', file: gzipSync(simple), times: [micros, micros, micros] },
    {
      name: 'gzip in two members',
      file: Buffer.concat([gzipSync(simple.subarray(0, 99)), gzipSync(simple.subarray(99))]),
      times: [micros, micros, micros]
    },
    {
      name: 'pcapng',
      file: sections(sectionHeader('LE'), interfaceBlock('LE', 101), enhancedPacket('LE', 0, units / 1000n, bytes)),
      times: [micros]
    },
    {
      name: 'pcapng, big-endian',
      file: sections(sectionHeader('BE'), interfaceBlock('BE', 101), enhancedPacket('BE', 0, units / 1000n, bytes)),
      times: [micros]
    },
    {
      name: 'pcapng with nanoseconds',
      file: sections(
        sectionHeader('LE'),
        interfaceBlock('LE', 101, resolution('LE', 9)),
        enhancedPacket('LE', 0, units, bytes)
      ),
      times: [micros]
    },
    {
      name: 'pcapng with milliseconds',
      file: sections(
        sectionHeader('LE'),
        interfaceBlock('LE', 101, resolution('LE', 3)),
        enhancedPacket('LE', 0, units / 1_000_000n, bytes)
      ),
      times: [micros - 456]
    },
    {
      name: 'pcapng with a binary resolution',
      file: sections(
        sectionHeader('LE'),
        interfaceBlock('LE', 101, resolution('LE', 0x81)),
        enhancedPacket('LE', 0, BigInt(seconds) * 2n + 1n, bytes)
      ),
      times: [seconds * 1e6 + 500_000]
    },
    {
      name: 'pcapng with an offset',
      file: sections(
        sectionHeader('LE'),
        interfaceBlock('LE', 101, option('LE', 2, Buffer.from('eth0')), offset(-3600n)),
        enhancedPacket('LE', 0, units / 1000n, bytes)
      ),
      times: [micros - 3600e6]
    },
    {
      name: 'pcapng with two sections of different byte order',
      file: sections(
        sectionHeader('LE'),
        interfaceBlock('LE', 101),
        sectionHeader('BE'),
        interfaceBlock('BE', 1),
        interfaceBlock('BE', 228),
        enhancedPacket('BE', 1, units / 1000n, bytes)
      ),
      times: [micros]
    },
    {
      name: 'pcapng with obsolete and simple packets',
      file: sections(
        sectionHeader('LE'),
        interfaceBlock('LE', 101),
        obsoletePacket('LE', 0, units / 1000n, bytes),
        simplePacket('LE', bytes)
      ),
      times: [micros, micros]
    },
    {
      name: 'pcapng with unknown blocks, one longer than what is read at once',
      file: sections(
        sectionHeader('LE'),
        block(0xbad, 'LE', Buffer.alloc(3 << 20)),
        interfaceBlock('LE', 101),
        block(5, 'LE', Buffer.alloc(7)),
        simplePacket('LE', bytes)
      ),
      times: [0]
    }
  ])('$name', async ({ file, times }) => {
    const { captured, error } = await readAll(writeCapture(folder, file))
    expect(error).toBeUndefined()
    expect(captured.map(one => one.capturedAt)).toEqual(times)
    expect(captured.every(one => one.payload.equals(options()))).toBe(true)
  })

  it('in bounded blocks, with progress to the last byte', async () => {
    const file = pcap(
      0xa1b2c3d4,
      'LE',
      101,
      Array.from({ length: 20_000 }, () => packet)
    )
    const progress: number[] = []
    const reader = readCapture(writeCapture(folder, file), { onProgress: read => progress.push(read) })
    const kept: Buffer[] = []
    for await (const batch of reader) kept.push(...batch.map(captured => captured.payload))
    expect(kept.filter(payload => payload.equals(options()))).toHaveLength(20_000)
    expect(progress.at(-1)).toBe(file.length)
    expect(progress.length).toBeGreaterThan(file.length / (1 << 20))
    expect(reader.counters).toMatchObject({ packets: 20_000, captured: 20_000, bytes: 20_000 * bytes.length })
  })

  it.each([
    { name: 'plain', pack: (file: Buffer) => file },
    { name: 'gzip', pack: (file: Buffer) => gzipSync(file, { level: 0 }) }
  ])('no further than its reader wants: $name', async ({ pack }) => {
    const many = Array.from({ length: 20_000 }, () => packet)
    const reader = readCapture(writeCapture(folder, pack(pcap(0xa1b2c3d4, 'LE', 101, many))))
    for await (const _ of reader) break
    expect(reader.counters.packets).toBeLessThan(20_000)
  })

  it('until it is aborted', async () => {
    const reader = readCapture(writeCapture(folder, simple), { signal: AbortSignal.abort() })
    await expect(reader[Symbol.asyncIterator]().next()).rejects.toThrow(/abort/i)
  })
})

const damaged = (at: number, value: number): Buffer => {
  const file = Buffer.from(simple)
  file.writeUInt32LE(value, at)
  return file
}
const otherLength = (lastBlock: Buffer): Buffer =>
  Buffer.concat([lastBlock.subarray(0, -4), Buffer.from([16, 0, 0, 0])])
const recordLength = 16 + bytes.length
const enhanced = sections(sectionHeader('LE'), interfaceBlock('LE', 101), enhancedPacket('LE', 0, 1n, bytes))

describe('a file that cannot be read to its end', () => {
  it.each<{ name: string; file: Buffer; code: string; offset?: number; before: number }>([
    { name: 'an empty file', file: Buffer.alloc(0), code: 'empty', offset: 0, before: 0 },
    { name: 'three bytes', file: Buffer.from('abc'), code: 'not-a-capture', offset: 0, before: 0 },
    { name: 'text', file: Buffer.from('INVITE sip:a@b SIP/2.0\r\n'), code: 'not-a-capture', offset: 0, before: 0 },
    { name: 'text in gzip', file: gzipSync('INVITE sip:a@b SIP/2.0\r\n'), code: 'not-a-capture', offset: 0, before: 0 },
    { name: 'half a file header', file: simple.subarray(0, 20), code: 'truncated', offset: 0, before: 0 },
    {
      name: 'a record cut in its header',
      file: simple.subarray(0, 24 + recordLength + 9),
      code: 'truncated',
      offset: 24 + recordLength,
      before: 1
    },
    {
      name: 'a record cut in its data',
      file: simple.subarray(0, -1),
      code: 'truncated',
      offset: 24 + 2 * recordLength,
      before: 2
    },
    {
      name: 'a record length of 4 GB',
      file: damaged(24 + recordLength + 8, 0xffffffff),
      code: 'corrupt',
      offset: 24 + recordLength,
      before: 1
    },
    {
      name: 'gzip that ends too early',
      file: gzipSync(simple).subarray(0, -9),
      code: 'truncated',
      before: 3
    },
    { name: 'gzip with damage', file: gzipSync(simple).fill(0xff, 12, 40), code: 'corrupt', before: 0 },
    { name: 'a pcapng block cut short', file: enhanced.subarray(0, -2), code: 'truncated', offset: 48, before: 0 },
    {
      name: 'a pcapng block of length 0',
      file: sections(enhanced, Buffer.alloc(12)),
      code: 'corrupt',
      offset: enhanced.length,
      before: 1
    },
    {
      name: 'a pcapng block with two lengths',
      file: sections(enhanced, otherLength(enhanced.subarray(48))),
      code: 'corrupt',
      offset: enhanced.length,
      before: 1
    },
    {
      name: 'a pcapng section without byte order',
      file: sections(enhanced, sectionHeader('LE').fill(0, 8, 12)),
      code: 'corrupt',
      offset: enhanced.length,
      before: 1
    },
    {
      name: 'a pcapng packet longer than its block',
      file: Buffer.from(enhanced).fill(0xff, 48 + 20, 48 + 22),
      code: 'corrupt',
      offset: 48,
      before: 0
    },
    { name: 'only 802.11', file: pcap(0xa1b2c3d4, 'LE', 105, [packet]), code: 'unsupported-link', offset: 0, before: 0 }
  ])('yields what is before it and says so: $name', async ({ file, code, offset: at = expect.any(Number), before }) => {
    const path = writeCapture(folder, file)
    const { captured, error } = await readAll(path)
    expect(captured).toHaveLength(before)
    expect(error).toBeInstanceOf(CaptureError)
    expect(error).toMatchObject({ code, offset: at })
    const { message } = error as CaptureError
    expect(message.startsWith(`${path}: `)).toBe(true)
    expect(message).not.toContain('\n')
  })

  it.each([
    { name: 'a file that is not there', path: () => join(folder, 'no-such-file'), code: 'missing' },
    { name: 'a folder', path: () => folder, code: 'unreadable' }
  ])('is $name', async ({ path, code }) => {
    expect((await readAll(path())).error).toMatchObject({ name: 'CaptureError', code })
  })

  it('counts a packet of an interface that was never described', async () => {
    const reader = readCapture(writeCapture(folder, sections(sectionHeader('LE'), enhancedPacket('LE', 3, 1n, bytes))))
    for await (const _ of reader);
    expect(reader.counters.bad).toEqual({ 'unknown-interface': 1 })
  })

  it('ends, with a CaptureError or none, whatever bytes were changed in it', async () => {
    const sources = [simple, enhanced, gzipSync(simple)]
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...sources), changes, async (source, edits) => {
        const file = Buffer.from(source)
        for (const [at, value] of edits) file[at % file.length] = value
        const { captured, error } = await readAll(writeCapture(folder, file))
        expect(captured.length).toBeLessThanOrEqual(3)
        if (error !== undefined) expect(error).toBeInstanceOf(CaptureError)
      })
    )
  })
})

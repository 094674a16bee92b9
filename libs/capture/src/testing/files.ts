import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Captured } from '@earshot/units'
import { readCapture } from '../reader.ts'

/** Capture files made for the tests of this package. */

type Packet = { readonly seconds: number; readonly fraction: number; readonly bytes: Buffer }
export type Order = 'LE' | 'BE'

const u32 = (value: number, order: Order): Buffer => {
  const bytes = Buffer.alloc(4)
  if (order === 'LE') bytes.writeUInt32LE(value)
  else bytes.writeUInt32BE(value)
  return bytes
}

const u16 = (value: number, order: Order): Buffer => {
  const bytes = u32(value, order)
  return order === 'LE' ? bytes.subarray(0, 2) : bytes.subarray(2)
}

export const pcap = (magic: number, order: Order, linkType: number, packets: readonly Packet[]): Buffer =>
  Buffer.concat([
    ...[magic, order === 'LE' ? 0x0004_0002 : 0x0002_0004, 0, 0, 262_144, linkType].map(field => u32(field, order)),
    ...packets.flatMap(({ seconds, fraction, bytes }) => [
      ...[seconds, fraction, bytes.length, bytes.length].map(field => u32(field, order)),
      Buffer.alloc(magic === 0xa1b2cd34 ? 8 : 0),
      bytes
    ])
  ])

export function block(type: number, order: Order, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)])
  const length = u32(padded.length + 12, order)
  return Buffer.concat([u32(type, order), length, padded, length])
}

export const sectionHeader = (order: Order): Buffer =>
  block(0x0a0d0d0a, order, u32(0x1a2b3c4d, order), u32(1, order), Buffer.alloc(8, 0xff))

export const interfaceBlock = (order: Order, linkType: number, ...options: readonly Buffer[]): Buffer =>
  block(1, order, u16(linkType, order), u16(0, order), u32(0, order), ...options)

export const option = (order: Order, code: number, value: Buffer): Buffer =>
  Buffer.concat([u16(code, order), u16(value.length, order), value, Buffer.alloc((4 - (value.length % 4)) % 4)])

export const enhancedPacket = (order: Order, port: number, units: bigint, bytes: Buffer): Buffer =>
  block(6, order, ...packetFields(order, u32(port, order), units, bytes))

export const obsoletePacket = (order: Order, port: number, units: bigint, bytes: Buffer): Buffer =>
  block(2, order, ...packetFields(order, Buffer.concat([u16(port, order), u16(0, order)]), units, bytes))

export const simplePacket = (order: Order, bytes: Buffer): Buffer => block(3, order, u32(bytes.length, order), bytes)

function packetFields(order: Order, port: Buffer, units: bigint, bytes: Buffer): Buffer[] {
  const [high, low] = [Number(units >> 32n), Number(units & 0xffffffffn)]
  return [port, ...[high, low, bytes.length, bytes.length].map(field => u32(field, order)), bytes]
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'earshot-capture-'))

export function writeCapture(folder: string, bytes: Buffer): string {
  const path = join(folder, 'test.pcap')
  writeFileSync(path, bytes)
  return path
}

/** Everything in a file, and the error that ended the reading. */
export async function readAll(path: string): Promise<{ captured: Captured[]; error: unknown }> {
  const captured: Captured[] = []
  try {
    for await (const batch of readCapture(path)) captured.push(...batch)
    return { captured, error: undefined }
  } catch (error) {
    return { captured, error }
  }
}

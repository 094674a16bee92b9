import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readCapture } from '@earshot/capture'
import type { Captured } from '@earshot/units'
import { describeUnless } from './describe-tools.ts'

/** The captures that the project is tested with and does not carry itself. */
const home = fileURLToPath(new URL('../../shared/captures', import.meta.url))

const present = existsSync(home)

/** A describe that is skipped, readably, where the captures are not. */
export const describeCaptures = (name: string, block: () => void): void =>
  describeUnless(present ? '' : 'there is no folder ../shared/captures', name, block)

export type Expected = {
  readonly messages: Readonly<Record<string, number>>
  readonly calls: number
  readonly peers: readonly ({ readonly peer: string } & Readonly<Record<string, unknown>>)[]
}

/** Names of the captures whose figures are known. */
export const captureNames: readonly string[] = present
  ? readdirSync(`${home}/expected`).map(file => file.replace('.json', ''))
  : ['no captures']

export const expectedOf = (name: string): Expected =>
  JSON.parse(readFileSync(`${home}/expected/${name}.json`, 'utf8')) as Expected

/** The file of a capture, whatever its kind. */
export function captureFile(name: string): string {
  const file = readdirSync(home).find(each => /\.(pcap|pcapng|bin)$/.test(each) && each.split('.')[0] === name)
  if (file === undefined) throw new Error(`there is no capture ${name}`)
  return `${home}/${file}`
}

/** The packets of a capture, in the order of the file. */
export async function packetsOf(file: string): Promise<Captured[]> {
  const packets: Captured[] = []
  for await (const batch of readCapture(file)) {
    for (const packet of batch) packets.push({ ...packet, payload: Buffer.from(packet.payload) })
  }
  return packets
}

/** The HEP frames of Kamailio's files, each behind its length in the file. */
export function framesOf(file: string): Buffer[] {
  const bytes = readFileSync(file)
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at)
    frames.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return frames
}

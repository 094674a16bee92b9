/**
 * How fast `readCapture` reads, and that its memory does not grow with the file: generated captures of SIP over UDP
 * (10, 100 and 300 MB), over TCP, and of RTP with little SIP in it. Each is read in a process of its own.
 *
 *   node libs/capture/bench/read.bench.ts
 */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { epochMicros } from '@earshot/units'
import type { Captured } from '@earshot/units'
import { pcapHeader, pcapRecord, readCapture } from '../src/index.ts'

type Result = { packets: number; captured: number; cpuSeconds: number; peakMiB: number }

function compare(self: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-read-'))
  try {
    console.log('traffic        MB   packets    SIP packets per CPU-second  peak RSS')
    for (const [name, megabytes, packet] of cases) {
      const path = join(folder, 'generated.pcap')
      generate(path, megabytes * 1e6, packet)
      const result = JSON.parse(execFileSync(process.execPath, [self, path], { encoding: 'utf8' })) as Result
      const rate = `${Math.round(result.packets / result.cpuSeconds / 1000)}k`
      const counts = `${String(result.packets).padStart(9)} ${String(result.captured).padStart(9)}`
      console.log(
        `${name.padEnd(12)} ${String(megabytes).padStart(4)} ${counts} ${rate.padStart(20)} ${result.peakMiB} MiB`
      )
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(path: string): Promise<Result> {
  const reader = readCapture(path)
  const before = process.cpuUsage()
  let captured = 0
  for await (const batch of reader) captured += batch.length
  const { user, system } = process.cpuUsage(before)
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024)
  return { packets: reader.counters.packets, captured, cpuSeconds: (user + system) / 1e6, peakMiB }
}

function generate(path: string, bytes: number, packet: (index: number) => Captured): void {
  const records = Array.from({ length: 10_000 }, (_, index) => pcapRecord(packet(index)))
  const part = Buffer.concat(records)
  const file = openSync(path, 'w')
  let written = writeSync(file, pcapHeader())
  while (written < bytes) written += writeSync(file, part)
  closeSync(file)
}

function sip(index: number, transport: 'udp' | 'tcp'): Captured {
  const headers = [
    `INVITE sip:+49301234${index}@203.0.113.7:5060 SIP/2.0`,
    `Via: SIP/2.0/${transport.toUpperCase()} 192.0.2.${index % 250}:5060;branch=z9hG4bK${index}`,
    'Max-Forwards: 70',
    `From: <sip:+4989${index}@carrier.example>;tag=${index}`,
    `To: <sip:+49301234${index}@203.0.113.7>`,
    `Call-ID: ${index}-1f2e3d4c5b6a@192.0.2.${index % 250}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:192.0.2.${index % 250}:5060>`,
    'Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, OPTIONS, REFER, NOTIFY',
    'Supported: 100rel, timer, replaces'
  ]
  const payload = Buffer.from(`${headers.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`)
  return { ...packet(index), transport, payload }
}

const rtp = (index: number): Captured => ({
  ...packet(index),
  payload: Buffer.concat([Buffer.from([0x80, 8, index >> 8, index & 0xff]), Buffer.alloc(168, 0xd5)])
})

const packet = (index: number): Captured => ({
  capturedAt: epochMicros(1_700_000_000_000_000 + index * 1000),
  agent: 'file',
  transport: 'udp',
  source: { address: `192.0.2.${index % 250}`, port: 5060 },
  destination: { address: '203.0.113.7', port: 5060 },
  payload: Buffer.alloc(0)
})

const udp = (index: number): Captured => sip(index, 'udp')

const cases = [
  ['SIP/UDP', 10, udp],
  ['SIP/UDP', 100, udp],
  ['SIP/UDP', 300, udp],
  ['SIP/TCP', 100, (index: number) => sip(index, 'tcp')],
  ['RTP, 1 % SIP', 100, (index: number) => (index % 100 === 0 ? udp(index) : rtp(index))]
] as const

const [, script, file] = process.argv
if (file === undefined) compare(script!)
else console.log(JSON.stringify(await measure(file)))

/**
 * `earshot analyze --json FILE > /dev/null` on generated captures of growing size: messages per second of wall and of
 * CPU time, start of the process included, and peak resident memory, median of three runs each. Captures are simpleCalls
 * (INVITE 100 183 200 ACK BYE 200; 200 calls a second, so that as many are open in the smallest as in the largest) and,
 * once, carrierTraffic; they lie in the system's folder for temporary files and are removed. Beside it
 * `tshark -q -z sip,stat`, where there is one, once for each of two captures: carrierTraffic, and a small one of
 * simpleCalls, whose calls all have their media at one port, which makes tshark slower the longer the file is. CPU time
 * and memory are those of /proc (Linux), read until the process ends.
 *
 *   node test/load/analyze.bench.ts [MEGABYTES…]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pcapHeader, pcapRecord } from '@earshot/capture'
import { carrierTraffic, simpleCalls } from '@earshot/traffic'
import { epochMicros, type Captured } from '@earshot/units'
import { median, thousands } from './figures.ts'

const ROUNDS = 3
const SMALL_MB = 20
const READ_EVERY_MS = 20
const TICKS_PER_SECOND = 100 // USER_HZ, which Linux never changes

const start = epochMicros(1_767_225_600_000_000)
const earshot = [
  process.execPath,
  fileURLToPath(new URL('../../services/earshot/earshot.js', import.meta.url))
] as const

type Traffic = () => Iterable<Captured>
type Run = { readonly seconds: number; readonly cpuSeconds: number; readonly peakMiB: number }

const simple: Traffic = () => simpleCalls({ count: Infinity, start, callsPerSecond: 200 })
const carrier: Traffic = () =>
  carrierTraffic({ seed: 1, start, durationSeconds: 86_400, attemptsPerSecond: 100 }).messages

const given = process.argv.slice(2).map(Number)
const sizes = given.length > 0 ? given : [100, 300, 1000]
const rows: object[] = []
for (const megabytes of sizes) rows.push(...(await withCapture('simpleCalls', simple, megabytes, analyzed)))
const compared = (await hasTshark()) ? besideTshark : analyzed
rows.push(...(await withCapture('carrierTraffic', carrier, sizes[0]!, compared)))
rows.push(...(await withCapture('simpleCalls', simple, SMALL_MB, compared)))
console.table(rows)

async function analyzed(file: string, messages: number): Promise<object[]> {
  const runs: Run[] = []
  for (let round = 0; round < ROUNDS; round++) runs.push(await run(...earshot, 'analyze', '--json', file))
  const of = (figure: (run: Run) => number): number => median(runs.map(figure))
  const middle = {
    seconds: of(run => run.seconds),
    cpuSeconds: of(run => run.cpuSeconds),
    peakMiB: of(run => run.peakMiB)
  }
  return [row('earshot analyze', messages, middle)]
}

async function besideTshark(file: string, messages: number): Promise<object[]> {
  const tshark = await run('tshark', '-q', '-z', 'sip,stat', '-r', file)
  return [...(await analyzed(file, messages)), row('tshark -z sip,stat', messages, tshark)]
}

function row(command: string, messages: number, { seconds, cpuSeconds, peakMiB }: Run): object {
  return {
    command,
    messages,
    'per second': thousands(messages / seconds),
    'per CPU-second': thousands(messages / cpuSeconds),
    'peak MiB': Math.round(peakMiB)
  }
}

/** Generates a capture of that size, has it measured and removes it. No rows, but a word, where the disk is too full. */
async function withCapture(
  name: string,
  traffic: Traffic,
  megabytes: number,
  measure: (file: string, messages: number) => Promise<object[]>
): Promise<object[]> {
  const { bavail, bsize } = statfsSync(tmpdir())
  if (bavail * bsize < megabytes * 1.5e6) {
    console.log(`left out: ${tmpdir()} has no room for a capture of ${megabytes} MB`)
    return []
  }
  const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-'))
  try {
    const file = join(folder, 'generated.pcap')
    const messages = generate(file, traffic(), megabytes * 1e6)
    return (await measure(file, messages)).map(each => ({ capture: name, MB: megabytes, ...each }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Returns the number of messages in the file. */
function generate(path: string, traffic: Iterable<Captured>, bytes: number): number {
  const file = openSync(path, 'w')
  let written = writeSync(file, pcapHeader())
  let messages = 0
  let part: Buffer[] = []
  for (const captured of traffic) {
    part.push(pcapRecord(captured))
    if (++messages % 1000 !== 0) continue
    written += writeSync(file, Buffer.concat(part))
    part = []
    if (written >= bytes) break
  }
  closeSync(file)
  return messages
}

async function run(command: string, ...args: readonly string[]): Promise<Run> {
  const begun = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  let usage = { cpuSeconds: 0, peakMiB: 0 }
  const reading = setInterval(() => (usage = usageOf(child.pid!) ?? usage), READ_EVERY_MS)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(reading)
  if (code !== 0) throw new Error(`${command} ended with ${code}`)
  return { seconds: (performance.now() - begun) / 1e3, ...usage }
}

/** Undefined once it has ended. Source: proc(5), /proc/pid/stat and /proc/pid/status. */
function usageOf(pid: number): { cpuSeconds: number; peakMiB: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return peak === undefined
      ? undefined
      : { cpuSeconds: (user! + system!) / TICKS_PER_SECOND, peakMiB: Number(peak) / 1024 }
  } catch {
    return undefined // It has ended between two reads.
  }
}

async function hasTshark(): Promise<boolean> {
  const child = spawn('tshark', ['--version'], { stdio: 'ignore' })
  return await new Promise(resolve => child.once('error', () => resolve(false)).once('exit', () => resolve(true)))
}

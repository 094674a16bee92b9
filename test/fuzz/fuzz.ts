/**
 * Sends damaged HEP frames and SIP messages through everything that reads them (decoders, framers, intake, correlator,
 * analysis) and fails on what throws, takes long, reads or writes outside of its input, or lets memory grow:
 *
 *   npm run fuzz [-- --count N --seed S]      npm run fuzz -- --input FILE
 *
 * The same seed gives the same inputs. A failing one is written as hex into the working directory.
 */
import { randomInt } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Presets, SingleBar } from 'cli-progress'
import { campaign, type Failure, type Report } from './campaign.ts'

const MOST_GROWTH = 20 << 20

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    input: { type: 'string' }
  }
})
const seed = Number(values.seed)
const given = values.input === undefined ? undefined : readFileSync(values.input, 'utf8').trim()
const count = given === undefined ? Number(values.count) : 2

console.log(given === undefined ? `${count} inputs, seed ${seed}` : `the input of ${values.input}`)
if (!globalThis.gc) console.log('memory is not judged: start node with --expose-gc')
const progress = process.stderr.isTTY ? bar() : lines
const { done, slowestMs, failure, grown } = await campaign({ seed, count, given }, progress)
if (process.stderr.isTTY) process.stderr.write('\n')
console.log(
  `${done} inputs without failure, the slowest ${slowestMs.toFixed(1)} ms; memory grew by ${mebibytes(grown)}`
)
if (failure) explain(failure)
if (globalThis.gc && grown > MOST_GROWTH) {
  console.error(`failed: memory grew by more than ${mebibytes(MOST_GROWTH)} after the first 100000`)
  process.exitCode = 1
}

function explain({ index, hex, why }: Failure): void {
  const file = `fuzz-${seed}-${index}.hex`
  writeFileSync(file, `${hex}\n`)
  console.error(`failed at input ${index}: ${why}\nagain, alone:        npm run fuzz -- --input ${file}`)
  console.error(`with what was before: npm run fuzz -- --seed ${seed} --count ${index + 1}`)
  process.exitCode = 1
}

function bar(): (report: Report) => void {
  const shown = new SingleBar({ format: '{bar} {value} of {total}, {eta_formatted} left' }, Presets.shades_classic)
  shown.start(count, 0)
  return report => {
    if (report.kind === 'progress') shown.update(report.done)
    if (report.kind === 'failed' || (report.kind === 'progress' && report.done === count)) shown.stop()
  }
}

function lines(report: Report): void {
  if (report.kind === 'memory') console.log(`${report.done} inputs, ${mebibytes(report.rss)} resident`)
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

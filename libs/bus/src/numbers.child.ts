import { LocalLog } from './local-log.ts'
import { numbered, numberOf, runningSum } from './numbers.ts'
import { stamped } from './repetitions.ts'

/**
 * Appends the numbers from..to and sums them up, until it is killed:
 *
 *   node numbers.child.ts LOG FROM TO
 *
 * Prints `open`, then each number as soon as it is durable, and at the end `done`.
 */
const [path, from, to] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const log = new LocalLog({ path: path!, topics: { in: 1, out: 1 } })
await log.start()
say('open')
const batch = { records: 10, waitMs: 0 }
const run = log.run({ input: 'in', group: 'sum', stage: () => runningSum(), batch })
await run.start()
for (let next = Number(from); next <= Number(to);) {
  const last = Math.min(next + 6, Number(to))
  const records = numbered(next, last)
  await log.append(
    'in',
    records.map(record => ({ ...record, headers: stamped('the child', numberOf(record)) }))
  )
  say(String(last))
  next = last + 1
}
await run.stop()
await log.stop()
say('done')

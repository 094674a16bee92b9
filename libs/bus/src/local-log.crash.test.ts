import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from '@jest/globals'
import { LocalLog } from './local-log.ts'
import { numbersIn, sumsOf } from './numbers.ts'

const directory = mkdtempSync(join(tmpdir(), 'earshot-crash-'))
afterAll(() => rmSync(directory, { recursive: true }))

type Child = { readonly process: ChildProcess; readonly lines: AsyncIterable<string> }

function startChild(path: string, from: number, to: number): Child {
  const script = join(import.meta.dirname, 'numbers.child.ts')
  const child = spawn(process.execPath, [script, path, String(from), String(to)], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  return { process: child, lines: createInterface(child.stdout) }
}

/** Kills the child after so many lines; returns the last number that it said was durable. */
async function killAfter(child: Child, lines: number): Promise<number> {
  const ended = once(child.process, 'close')
  let durable = 0
  let seen = 0
  for await (const line of child.lines) {
    if (++seen === lines) child.process.kill('SIGKILL')
    durable = Math.max(durable, Number(line) || 0)
  }
  await ended
  return durable
}

const topics = { in: 1, out: 1 }

describe('a process killed with SIGKILL', () => {
  it('loses nothing that was durable and doubles nothing that it or the next one appends again', async () => {
    const path = join(directory, 'killed', 'log.sqlite')
    const last = 3000
    let durable = 0
    for (const lines of [1, 2, 5, 20, 60, 100]) {
      durable = Math.max(durable, await killAfter(startChild(path, durable + 1, last), lines))
    }
    await killAfter(startChild(path, durable + 1, last), Infinity)
    const log = new LocalLog({ path, topics })
    await log.start()
    expect(new Set(await numbersIn(log, 'in')).size).toBe(last)
    expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, last))
    await log.stop()
  }, 30_000)

  it('keeps the log from others while it lives, by name, and not after', async () => {
    const path = join(directory, 'held', 'log.sqlite')
    const child = startChild(path, 1, 1e9)
    const ended = once(child.process, 'close')
    await once(child.process.stdout!, 'data')
    await expect(new LocalLog({ path, topics }).start()).rejects.toThrow(`in use by process ${child.process.pid}`)
    child.process.kill('SIGKILL')
    await ended
    const log = new LocalLog({ path, topics })
    await log.start()
    await log.stop()
  }, 30_000)
})

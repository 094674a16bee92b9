import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { earshot } from '../earshot.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** Stands for Prometheus or Alertmanager: notes its process, and answers where it is told to. */
const answering = `
const [, file] = process.argv
require('fs').writeFileSync(file, String(process.pid))
const address = process.argv.find(each => each.startsWith('--web.listen-address=')).split(/[=:]/)
require('http').createServer((_, response) => response.end()).listen(Number(address.at(-1)), '127.0.0.1')
`
const silent = `
require('fs').writeFileSync(process.argv[1], String(process.pid))
setInterval(() => undefined, 1000)
`
const failing = 'console.error("it is broken"); process.exit(1)'

const demo = ['demo', '--with', 'prometheus', '--http-port', '0', '--hep-udp-port', '0', '--hep-tcp-port', '0']

describe('the demo with Prometheus', () => {
  const root = temporaryFolder()
  const { PATH, TMPDIR } = process.env
  let runs = 0
  let folder: string
  beforeEach(() => {
    folder = join(root, String(runs++))
    for (const name of ['bin', 'tmp']) mkdirSync(join(folder, name), { recursive: true })
    Object.assign(process.env, { PATH: join(folder, 'bin'), TMPDIR: join(folder, 'tmp') })
  })
  afterEach(() => {
    process.env.PATH = PATH
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  })

  const install = (name: string, code: string): void => {
    const file = join(folder, 'bin', name)
    writeFileSync(file, `#!${process.execPath}\nprocess.argv.splice(1, 1, '${file}.pid')\n${code}`)
    chmodSync(file, 0o755)
  }
  const pidOf = (name: string): number => Number(readFileSync(join(folder, 'bin', `${name}.pid`), 'utf8'))
  const left = (): string[] => readdirSync(join(folder, 'tmp')).filter(name => name.startsWith('earshot'))

  it('says what to install where the two are missing', async () => {
    expect(await earshot(...demo)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'earshot: --with prometheus finds no prometheus and no prometheus-alertmanager on the PATH; on Debian: apt-get install prometheus prometheus-alertmanager\n'
    })
  })

  it('ends Alertmanager when Prometheus does not start, and says why', async () => {
    install('prometheus', failing)
    install('prometheus-alertmanager', answering)
    const { code, stderr } = await earshot(...demo)
    expect(code).toBe(1)
    expect(stderr).toBe('earshot: Prometheus has ended (1)\nearshot: it is broken\n')
    expect(isAlive(pidOf('prometheus-alertmanager'))).toBe(false)
    expect(left()).toEqual([])
  }, 30_000)

  it('leaves nothing behind when it is ended while they start', async () => {
    install('prometheus', silent)
    install('alertmanager', answering)
    const child = startDemo()
    for (;;) {
      try {
        if (isAlive(pidOf('prometheus'))) break
      } catch {
        await pause(20)
      }
    }
    child.kill('SIGTERM')
    await new Promise(resolve => child.once('close', resolve))
    expect(['prometheus', 'alertmanager'].map(pidOf).map(isAlive)).toEqual([false, false])
    expect(left()).toEqual([])
  }, 30_000)

  it('tells where they are, and ends them with it', async () => {
    install('prometheus', answering)
    install('prometheus-alertmanager', answering)
    const child = startDemo()
    const told: string[] = []
    for await (const line of createInterface({ input: child.stderr })) {
      told.push(line)
      if (line.includes('the page is at')) break
    }
    expect(told[0]).toMatch(/^demo: Prometheus is at http:\/\/127.0.0.1:\d+\/alerts, Alertmanager at http:\/\/127/)
    child.kill('SIGTERM')
    expect(await new Promise(resolve => child.once('close', resolve))).toBe(0)
    expect(['prometheus', 'prometheus-alertmanager'].map(pidOf).map(isAlive)).toEqual([false, false])
    expect(left()).toEqual([])
  }, 30_000)
})

const startDemo = () =>
  spawn(process.execPath, [join(import.meta.dirname, '../../services/earshot/earshot.js'), ...demo], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, EARSHOT_LOG_LEVEL: 'silent' }
  })

/** One that nobody has waited for yet is dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { pcapHeader, pcapRecord } from '@earshot/capture'
import { ladder } from '@earshot/traffic'
import { earshot } from '../earshot.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const folder = temporaryFolder()
const root = fileURLToPath(new URL('../..', import.meta.url))

const answered = `
0     a>b  INVITE +S
480   b>a  183 tt=x +S
9000  b>a  200
9020  a>b  ACK
`

const capture = (): Buffer => Buffer.concat([pcapHeader(), ...Array.from(ladder(answered), pcapRecord)])

/** A file in a folder of this test. */
function file(name: string, bytes: Buffer | string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

describe('earshot analyze', () => {
  it('reads a capture', async () => {
    const { code, stdout, stderr } = await earshot('analyze', file('whole.pcap', capture()))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('4 SIP messages, 1 calls')
  })

  it.each([
    { name: 'a truncated capture', path: () => file('truncated.pcap', capture().subarray(0, -10)), says: 'truncated' },
    { name: 'a capture cut in its header', path: () => file('cut.pcap', capture().subarray(0, 10)), says: 'cut' },
    { name: 'an empty file', path: () => file('empty.pcap', ''), says: 'empty' },
    { name: 'a file that is no capture', path: () => file('text.pcap', 'To whom it may concern\n'), says: 'text' },
    { name: 'a file that is not there', path: () => join(folder, 'missing.pcap'), says: 'missing.pcap' },
    { name: 'a folder', path: () => folderAt('folder.pcap'), says: 'folder.pcap' }
  ])('answers $name with one line that names it, and exit code 2', async ({ path, says }) => {
    for (const flags of [[], ['--json']]) {
      const { code, stderr } = await earshot('analyze', ...flags, path())
      expect(stderr).toMatch(/^earshot: .+\n$/)
      expect(stderr).toContain(says)
      expect(code).toBe(2)
    }
  })

  it('counts what it can read of a truncated capture', async () => {
    const { stdout } = await earshot('analyze', '--json', file('truncated.pcap', capture().subarray(0, -10)))
    expect(JSON.parse(stdout)).toMatchObject({ messages: { sip: 3 }, peers: [{ outcomes: { answered: 1 } }] })
  })

  it('refuses a peer registry that is wrong, or not there, with exit code 2', async () => {
    const registry = file('peers.yaml', 'peers: [{ name: x, members: [192.0.2.300] }]\n')
    for (const peers of [registry, join(folder, 'missing.yaml')]) {
      const { code, stdout, stderr } = await earshot('analyze', '--peers', peers, file('whole.pcap', capture()))
      expect(stderr).toMatch(/^earshot: .+\n$/)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    }
  })

  it('resolves peers by the registry', async () => {
    const registry = file('named.yaml', 'peers: [{ name: far side, members: [203.0.113.0/24] }]\n')
    const { stdout } = await earshot('analyze', '--json', '--peers', registry, file('whole.pcap', capture()))
    expect(JSON.parse(stdout)).toMatchObject({ peers: [{ peer: 'far side', attempts: 1 }] })
  })
})

describe('help', () => {
  it.each([
    { command: [], tells: ['up', 'analyze', 'replay', 'demo', '--version'] },
    { command: ['up'], tells: ['--hep-udp-port', '--data-dir', 'EARSHOT_HTTP_PORT'] },
    { command: ['analyze'], tells: ['<file...>', '--json', '--peers'] },
    { command: ['replay'], tells: ['<file>', '--to <host:port>', '--speed', '--transport'] },
    { command: ['demo'], tells: ['--http-port'] }
  ])('of earshot $command tells its options', async ({ command, tells }) => {
    const { code, stdout, stderr } = await earshot(...command, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const word of tells) expect(stdout).toContain(word)
  })
})

describe('a command line that is wrong', () => {
  it.each([
    { name: 'an unknown command', args: ['analyse', 'x.pcap'], says: "unknown command 'analyse'" },
    { name: 'an unknown option', args: ['analyze', '--jsno', 'x.pcap'], says: 'Did you mean --json' },
    { name: 'an unknown option of up', args: ['up', '--hep-port', '1'], says: "unknown option '--hep-port'" },
    { name: 'no file', args: ['analyze'], says: "missing required argument 'file'" },
    { name: 'a target without a port', args: ['replay', 'x.pcap', '--to', 'localhost'], says: 'Write host:port' },
    { name: 'no target', args: ['replay', 'x.pcap'], says: '--to <host:port>' },
    {
      name: 'a speed below 0',
      args: ['replay', 'x.pcap', '--to', 'localhost:1', '--speed', '-1'],
      says: 'Write a number'
    }
  ])('is refused with a line that helps: $name', async ({ args, says }) => {
    const { code, stdout, stderr } = await earshot(...args)
    expect(stderr).toContain(says)
    expect(stderr).toContain('--help tells what it takes')
    expect(stdout).toBe('')
    expect(code).toBeGreaterThan(0)
  })
})

describe('a setting that is wrong', () => {
  it.each([
    { name: 'a port', args: ['--http-port', '80800'], says: '--http-port: http.port is 80800; write' },
    { name: 'a choice', args: ['--log-level', 'loud'], says: 'one of trace, debug, info' },
    { name: 'a file that is not there', args: ['--config', 'missing.yaml'], says: 'missing.yaml: cannot be read' }
  ])('is refused with one line and exit code 2: $name', async ({ args, says }) => {
    const { code, stdout, stderr } = await earshot('up', ...args)
    expect(stderr).toMatch(/^earshot: .+\n$/)
    expect(stderr).toContain(says)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('what is outside', () => {
  it('fails with exit code 1 and one line: nobody listens', async () => {
    const { code, stderr } = await earshot('replay', file('whole.pcap', capture()), '--to', '127.0.0.1:1')
    expect(stderr).toMatch(/^earshot: nothing takes HEP at tcp 127.0.0.1:1 .+\n$/)
    expect(code).toBe(1)
  })
})

describe('the installed command', () => {
  it('runs by its name', () => {
    const { status, stdout } = spawnSync('npx', ['--no-install', 'earshot', '--version'], { cwd: root })
    expect(stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(status).toBe(0)
  })
})

function folderAt(name: string): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  return path
}

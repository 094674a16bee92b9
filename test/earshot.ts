import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { PeerRow } from '@earshot/peers'

/** How long one may take to stop, until it is killed. */
export const STOP_MS = 20_000

const main = fileURLToPath(new URL('../services/earshot/earshot.js', import.meta.url))

/** A process of Earshot, and how it is told to end. */
export type Launched = {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Starts the command line with these arguments: here, or in a container. */
export type Launch = (args: readonly string[]) => Launched

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** The real command line, to its end. */
export const earshot = (...args: readonly string[]): Promise<Ended> => earshotBy(inProcess, args)

export async function earshotBy(launch: Launch, args: readonly string[]): Promise<Ended> {
  const { child } = launch(args)
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'close') as Promise<[number | null]>
  ])
  return { code, stdout, stderr }
}

/** What /api/peers answers, as far as the tests read it. */
export type Live = {
  readonly now: string | null
  readonly messages: Readonly<Record<string, number>>
  readonly calls: number
  readonly peers: readonly PeerRow[]
  readonly drops: Readonly<Record<string, number>>
}

/** An Earshot in a process of its own, on ports that the system chose where none are given. */
export class RunningEarshot {
  readonly ports: { readonly udp: number; readonly tcp: number }
  readonly url: string
  readonly pid: number
  /** Its last lines of log. */
  readonly said: readonly string[]
  readonly #launched: Launched

  private constructor(launched: Launched, { hep = { udp: 0, tcp: 0 }, http }: Listening, said: readonly string[]) {
    this.#launched = launched
    this.said = said
    this.ports = hep
    this.url = http
    this.pid = launched.child.pid!
  }

  static up(...args: readonly string[]): Promise<RunningEarshot> {
    return RunningEarshot.start('up', '--hep-host', '127.0.0.1', '--hep-udp-port', '0', '--hep-tcp-port', '0', ...args)
  }

  /** Resolves when it listens; rejects with what it said when it ends instead. */
  static start(role: string, ...args: readonly string[]): Promise<RunningEarshot> {
    return RunningEarshot.startBy(inProcess, role, ...args)
  }

  static async startBy(launch: Launch, role: string, ...args: readonly string[]): Promise<RunningEarshot> {
    const launched = launch([role, '--http-port', '0', ...args])
    const { child } = launched
    const complaint = textOf(child.stderr)
    const said: string[] = []
    const listening = new Promise<Listening>(resolve => {
      createInterface({ input: child.stdout }).on('line', line => {
        if (said.push(line) > 40) said.shift()
        const entry = JSON.parse(line) as { msg: string } & Listening
        if (entry.msg === 'listening') resolve(entry)
      })
    })
    const ended = complaint.then(text => Promise.reject(new Error(`earshot ${role} ended: ${text}`)))
    ended.catch(() => undefined) // It may end once it listens.
    return new RunningEarshot(launched, await Promise.race([listening, ended]), said)
  }

  async live(): Promise<Live> {
    // Not by json(), whose objects are of another realm than those that jest's tests make, and equal none of them.
    return JSON.parse(await (await fetch(`${this.url}/api/peers`)).text()) as Live
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text()
  }

  /** Polls until the figures are as wanted, and gives them; after the deadline those that there are. */
  async liveOnce(wanted: (live: Live) => boolean, deadlineMs = 10_000): Promise<Live> {
    const deadline = performance.now() + deadlineMs
    for (;;) {
      const live = await this.live()
      if (wanted(live) || performance.now() > deadline) return live
      await sleep(50)
    }
  }

  /**
   * Stops it as a supervisor does, or ends it where it stands. Resolves to its exit code, null for one that was killed,
   * be it because it did not stop in time. Safe twice.
   */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { child } = this.#launched
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const tooLong = setTimeout(() => this.#launched.signal('SIGKILL'), STOP_MS)
    const closed = once(child, 'close')
    this.#launched.signal(signal)
    await closed
    clearTimeout(tooLong)
    return child.exitCode
  }
}

type Listening = { readonly hep?: { readonly udp: number; readonly tcp: number }; readonly http: string }

/** A process of this machine. */
export const inProcess: Launch = args => {
  const settings = Object.entries(process.env).filter(([name]) => !name.startsWith('EARSHOT_'))
  const child = spawn(process.execPath, [main, ...args], {
    env: Object.fromEntries(settings),
    stdio: ['ignore', 'pipe', 'pipe']
  })
  return { child, signal: signal => void child.kill(signal) }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const piece of stream.setEncoding('utf8')) text += String(piece)
  return text
}

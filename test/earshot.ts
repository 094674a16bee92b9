import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { PeerRow } from '@earshot/peers'

const main = fileURLToPath(new URL('../services/earshot/earshot.js', import.meta.url))

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** The real command line, to its end. */
export async function earshot(...args: readonly string[]): Promise<Ended> {
  const child = start(args)
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
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, { hep = { udp: 0, tcp: 0 }, http }: Listening, said: readonly string[]) {
    this.#child = child
    this.said = said
    this.ports = hep
    this.url = http
    this.pid = child.pid!
  }

  static up(...args: readonly string[]): Promise<RunningEarshot> {
    return RunningEarshot.start('up', '--hep-host', '127.0.0.1', '--hep-udp-port', '0', '--hep-tcp-port', '0', ...args)
  }

  /** Resolves when it listens; rejects with what it said when it ends instead. */
  static async start(role: string, ...args: readonly string[]): Promise<RunningEarshot> {
    const child = start([role, '--http-port', '0', ...args])
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
    return new RunningEarshot(child, await Promise.race([listening, ended]), said)
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
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return exitCode
    const tooLong = setTimeout(() => this.#child.kill('SIGKILL'), 20_000)
    const closed = once(this.#child, 'close')
    this.#child.kill(signal)
    await closed
    clearTimeout(tooLong)
    return this.#child.exitCode
  }
}

type Listening = { readonly hep?: { readonly udp: number; readonly tcp: number }; readonly http: string }

function start(args: readonly string[]) {
  const settings = Object.entries(process.env).filter(([name]) => !name.startsWith('EARSHOT_'))
  return spawn(process.execPath, [main, ...args], {
    env: Object.fromEntries(settings),
    stdio: ['ignore', 'pipe', 'pipe']
  })
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const piece of stream.setEncoding('utf8')) text += String(piece)
  return text
}

import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { scenario, type Side } from './scenario.ts'

const kamailioConfig = fileURLToPath(new URL('kamailio.cfg', import.meta.url))

export type Address = { readonly ip: string; readonly port: number }
const textOf = ({ ip, port }: Address): string => `${ip}:${port}`

/** A UDP port that nobody has on this address just now. */
export async function freePort(ip: string): Promise<Address> {
  const socket = createSocket('udp4')
  socket.bind(0, ip)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return { ip, port }
}

async function isTaken({ ip, port }: Address): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    const bound = once(socket, 'listening')
    socket.bind(port, ip)
    await bound
    return false
  } catch {
    return true
  } finally {
    socket.close()
  }
}

/** Resolves when a process has bound the port, or has ended. */
async function bound(at: Address, ended: Promise<unknown>): Promise<void> {
  let over = false
  const note = (): void => {
    over = true
  }
  ended.then(note, note)
  while (!over && !(await isTaken(at))) await sleep(20)
}

/** A Kamailio that mirrors all it sends and receives to a HEP port. */
export class Kamailio {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves when it takes calls; rejects with what it said when it ends instead. */
  static async start(at: Address, hepPort: number, folder: string): Promise<Kamailio> {
    const target = `HEP_TARGET="sip:127.0.0.1:${hepPort}"`
    const listening = ['-l', `udp:${textOf(at)}`, '-f', kamailioConfig, '-A', target]
    const child = spawn('kamailio', ['-DD', '-E', '-m', '32', '-M', '4', '-Y', folder, ...listening], {
      stdio: ['ignore', 'ignore', 'pipe']
    })
    const said = text(child.stderr)
    const ended = once(child, 'close').then(async () => Promise.reject(new Error(`kamailio ended: ${await said}`)))
    ended.catch(() => undefined) // It may end once it is ready.
    // What comes before its workers are there waits in the socket.
    await Promise.race([bound(at, ended), ended])
    return new Kamailio(child)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    await closed
  }
}

/** What SIPp says of itself when it has ended. */
export type Statistics = {
  readonly created: number
  readonly successful: number
  readonly failed: number
  /** Of each message of the scenario, by its name (`INVITE`, `183`), how many were sent or received first. */
  readonly messages: Readonly<Record<string, number>>
  /** What went wrong with those that failed, '' where none did. */
  readonly complaint: string
}

type Through = { readonly proxy: Address; readonly callee: Address; readonly fork: Address | undefined }

export type Part = {
  readonly name: string
  readonly side: Side
  readonly script: string
  readonly at: Address
  readonly calls: number
  /** Of a caller: the proxy, and for `[callee]` and `[fork]` of the scenario whom it wants. */
  readonly through?: Through
}

/** One SIPp: one side of so many calls of a kind. It ends by itself when they are over, or after a minute. */
export class Sipp {
  readonly #part: Part
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>

  constructor(part: Part, folder: string) {
    this.#part = part
    this.#folder = join(folder, `${part.name}-${textOf(part.at)}`)
    mkdirSync(this.#folder)
    writeFileSync(join(this.#folder, 'scenario.xml'), scenario(part.name, part.side, part.script))
    const { at, calls, through } = part
    const who = ['-i', at.ip, '-p', String(at.port), '-m', String(calls), '-sf', 'scenario.xml']
    const whom = through ? wanted(part.name, through) : []
    const told = ['-trace_stat', '-stf', 'statistics.csv', '-trace_counts', '-fd', '1', '-trace_err', '-nostdin']
    this.#child = spawn('sipp', [...whom, ...who, ...told, '-timeout', '60'], {
      cwd: this.#folder,
      stdio: 'ignore',
      env: { ...process.env, TERM: 'dumb' }
    })
    this.#closed = once(this.#child, 'close')
  }

  /** Resolves when its port is bound. */
  async listening(): Promise<void> {
    await Promise.race([bound(this.#part.at, this.#closed), this.#closed])
  }

  /** Resolves when all calls are over. */
  async over(): Promise<Statistics> {
    await this.#closed
    const [totals] = rowsOf(join(this.#folder, 'statistics.csv')).slice(-1)
    const counts = readdirSync(this.#folder).find(file => file.endsWith('_counts.csv'))
    if (!totals || counts === undefined) throw new Error(`SIPp of ${this.#part.name} said nothing`)
    const failed = Number(totals['FailedCall(C)'])
    return {
      created: Number(totals.TotalCallCreated),
      successful: Number(totals['SuccessfulCall(C)']),
      failed,
      messages: messagesOf(rowsOf(join(this.#folder, counts)).at(-1) ?? {}),
      complaint: failed > 0 ? this.#complaint : ''
    }
  }

  get #complaint(): string {
    const file = readdirSync(this.#folder).find(name => name.endsWith('_errors.log'))
    return file === undefined ? '' : readFileSync(join(this.#folder, file), 'utf8').slice(0, 2000)
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#closed.catch(() => undefined)
  }
}

function wanted(name: string, { proxy, callee, fork }: Through): string[] {
  const forked = fork ? `sip:${name}@${textOf(fork)}` : 'no'
  return [textOf(proxy), '-r', '20', '-key', 'callee', textOf(callee), '-key', 'fork', forked]
}

/** Columns are `1_183_Recv`, `0_INVITE_Sent`. */
function messagesOf(row: Readonly<Record<string, string>>): Record<string, number> {
  const messages: Record<string, number> = {}
  for (const [column, value] of Object.entries(row)) {
    const [, name] = /^\d+_(\w+)_(?:Sent|Recv)$/.exec(column) ?? []
    if (name !== undefined) messages[name] = (messages[name] ?? 0) + Number(value)
  }
  return messages
}

function rowsOf(file: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n')
  const names = head.split(';')
  return lines.map(line => Object.fromEntries(line.split(';').map((value, index) => [names[index] ?? '', value])))
}

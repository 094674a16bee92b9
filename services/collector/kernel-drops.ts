import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Component } from '@earshot/runtime'

const EVERY_MS = 1000
/** By Linux; other systems have none, and nothing is told there. */
const tables = ['/proc/net/udp', '/proc/net/udp6']

/**
 * What the kernel has thrown away of a UDP port of this process, because nobody had read it in time: since the socket was
 * opened, read once per second.
 */
export class KernelDrops implements Component {
  readonly name = 'kernel drops'
  readonly #port: () => number
  readonly #tell: (drops: number) => void
  #inodes: ReadonlySet<string> = new Set()
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> | undefined

  /** @param port is asked at the start, with the socket open */
  constructor(port: () => number, tell: (drops: number) => void) {
    this.#port = port
    this.#tell = tell
  }

  async start(): Promise<void> {
    this.#inodes = await socketsOfThisProcess()
    if (this.#inodes.size === 0) return
    this.#timer = setInterval(() => {
      this.#reading ??= this.read().finally(() => (this.#reading = undefined))
    }, EVERY_MS).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#reading
  }

  async read(): Promise<void> {
    const texts = await Promise.all(tables.map(table => readFile(table, 'latin1').catch(() => '')))
    const drops = texts.flatMap(text => dropsIn(text, this.#port(), this.#inodes))
    if (drops.length > 0) this.#tell(drops.reduce((sum, each) => sum + each))
  }
}

/**
 * The last column of each socket of ours on that port; none if there is no such socket.
 *
 * Source: Linux, net/ipv4/udp.c, udp4_format_sock: sl local rem st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops.
 */
export function dropsIn(table: string, port: number, inodes: ReadonlySet<string>): number[] {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').flatMap(line => {
    const columns = line.trim().split(/\s+/)
    const [, local = '', , , , , , , , inode = ''] = columns
    return local.endsWith(ending) && inodes.has(inode) ? [Number(columns.at(-1))] : []
  })
}

async function socketsOfThisProcess(): Promise<ReadonlySet<string>> {
  const folder = '/proc/self/fd'
  const files = await readdir(folder).catch(() => [])
  const links = await Promise.all(files.map(file => readlink(`${folder}/${file}`).catch(() => '')))
  return new Set(links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Component } from '@earshot/runtime'

type Parts = {
  readonly command: string
  readonly args: readonly string[]
  /** Answers 2xx once the program does its work. */
  readonly readyAt: string
  /** Told when it ends although nobody has stopped it. */
  readonly onFailure: (error: Error) => void
}

const LOOK_EVERY_MS = 50
const START_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 10_000

/** A program of this machine that runs beside this process and ends with it, however that ends but by SIGKILL. */
export class Program implements Component {
  readonly name: string
  readonly #parts: Parts
  readonly #kill = (): void => void this.#child?.kill('SIGKILL')
  #child: ChildProcess | undefined
  #ended: Promise<Error> | undefined
  #isStopping = false
  #lastWords = ''

  constructor(name: string, parts: Parts) {
    this.name = name
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { command, args, readyAt, onFailure } = this.#parts
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    process.once('exit', this.#kill)
    createInterface({ input: child.stderr }).on('line', line => (this.#lastWords = line))
    this.#ended = this.#endOf(child)
    const isReady = this.#untilAnswered(readyAt)
    const failure = await Promise.race([isReady, this.#ended])
    if (failure === undefined) void this.#ended.then(error => this.#isStopping || onFailure(error))
    else {
      await this.stop()
      throw failure
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#child === undefined) return
    const tooLong = setTimeout(this.#kill, STOP_WITHIN_MS)
    this.#child.kill('SIGTERM')
    await this.#ended
    clearTimeout(tooLong)
    process.off('exit', this.#kill)
  }

  /** Resolves when it has ended, or could not be run at all. */
  async #endOf(child: ChildProcess): Promise<Error> {
    try {
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
      const why = this.#lastWords === '' ? undefined : new Error(this.#lastWords)
      return new Error(`${this.name} has ended (${signal ?? code})`, { cause: why })
    } catch (cause) {
      return new Error(`${this.name} cannot be run`, { cause })
    }
  }

  /** Resolves to undefined when it answers, to an error when it takes too long for that. */
  async #untilAnswered(url: string): Promise<Error | undefined> {
    const deadline = performance.now() + START_WITHIN_MS
    while (!this.#isStopping && performance.now() < deadline) {
      const response = await fetch(url).catch(() => undefined)
      await response?.body?.cancel()
      if (response?.ok) return undefined
      await pause(LOOK_EVERY_MS)
    }
    return new Error(`${this.name} does not answer at ${url}`)
  }
}

/** Where a program is on the PATH. */
export function installed(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '')
  return folders.map(folder => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

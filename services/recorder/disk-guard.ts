import { statfs } from 'node:fs/promises'
import type { Component } from '@earshot/runtime'

const EVERY_MS = 5000
/** It is full until so much more than that is free: not on and off with each deletion. */
const HYSTERESIS = 1.1

export type DiskGuardParts = {
  /** Without one there is no disk to be full. */
  readonly folder: string | undefined
  /** Bytes that are left to others. */
  readonly minFree: number
  readonly freeBytes?: (folder: string) => Promise<number>
}

/** Watches how much is free on the disk of a folder. */
export class DiskGuard implements Component {
  readonly name = 'disk guard'
  readonly #parts: DiskGuardParts
  #timer: NodeJS.Timeout | undefined
  #isFull = false

  constructor(parts: DiskGuardParts) {
    this.#parts = parts
  }

  get isFull(): boolean {
    return this.#isFull
  }

  async start(): Promise<void> {
    await this.look()
    this.#timer = setInterval(() => void this.look(), EVERY_MS)
  }

  stop(): Promise<void> {
    clearInterval(this.#timer)
    return Promise.resolve()
  }

  /** What cannot be asked is taken to be as it was. */
  async look(): Promise<void> {
    const { folder, minFree, freeBytes = freeOn } = this.#parts
    if (folder === undefined) return
    const free = await freeBytes(folder).catch(() => undefined)
    if (free !== undefined) this.#isFull = free < minFree * (this.#isFull ? HYSTERESIS : 1)
  }
}

async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

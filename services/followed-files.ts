import { unwatchFile, watchFile } from 'node:fs'
import type { Component } from '@earshot/runtime'

/** Something that is kept in files and follows them. */
export type FollowedFiles = Component & {
  /** Reads the files now; resolves when the outcome was told to `onChange` or `onError`. */
  reload(): Promise<void>
}

type Following<Content> = {
  readonly name: string
  readonly files: readonly string[]
  /** Reads and checks all of it; rejects with what is wrong. */
  readonly load: () => Promise<Content>
  readonly onChange: (content: Content) => void
  /** What is wrong with what the files have now; what was told last stays in force. */
  readonly onError: (error: Error) => void
  readonly everyMs?: number | undefined
}

/**
 * Loads something at the start, which fails if that does, and again whenever one of its files changes.
 *
 * The files are looked at every two seconds instead of being subscribed to: that works on network file systems, and
 * where Kubernetes or an editor puts another file in its place.
 */
export function followFiles<Content>(following: Following<Content>): FollowedFiles {
  const { name, files, load, onChange, onError, everyMs = 2000 } = following
  let inForce = false
  let stopped = false
  let last: Promise<void> = Promise.resolve()

  const tell = async (): Promise<void> => {
    const content = await load()
    if (stopped) return
    inForce = true
    onChange(content)
  }
  const reload = (): Promise<void> => {
    // One after the other, so that an older content cannot replace a newer one.
    last = last.then(tell).catch((error: unknown) => {
      // Before anything is in force, `start` tells its caller.
      if (!stopped && inForce) onError(error as Error)
    })
    return last
  }
  const changed = (): void => void reload()
  const forget = (): void => {
    for (const file of files) unwatchFile(file, changed)
  }

  return {
    name,
    reload,
    async start() {
      // Watched before they are read, so that no change falls between the two.
      for (const file of files) watchFile(file, { interval: everyMs, persistent: false }, changed)
      last = tell()
      await last.catch((error: unknown) => {
        forget()
        throw error
      })
    },
    async stop() {
      stopped = true
      forget()
      await last.catch(() => undefined)
    }
  }
}

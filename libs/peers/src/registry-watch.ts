import { unwatchFile, watchFile } from 'node:fs'
import type { Registry } from './registry-lookup.ts'
import { loadRegistry, RegistryError } from './registry-file.ts'

/** A registry that follows its file; it has the shape of a component. */
export type RegistryWatch = {
  readonly name: string
  /** Loads the file and hands it to `onChange`. Rejects with a RegistryError if it cannot be used. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Reads the file now, as on SIGHUP; resolves when the outcome was told to `onChange` or `onError`. */
  reload(): Promise<void>
}

/**
 * Loads a registry and loads it again whenever its file changes. Each version is validated whole before `onChange` has it;
 * a mistake goes to `onError` and leaves the running one in force. An edit that changes nothing is told to nobody.
 *
 * The file is looked at every `everyMs` instead of being subscribed to: that works on network file systems, and where
 * Kubernetes or an editor puts another file in its place.
 */
export function watchRegistry(
  file: string,
  onChange: (registry: Registry) => void,
  onError: (error: RegistryError) => void,
  everyMs = 2_000
): RegistryWatch {
  let running: string | undefined
  let stopped = false
  let last: Promise<void> = Promise.resolve()

  const load = async (): Promise<void> => {
    const registry = await loadRegistry(file)
    if (stopped || registry.version === running) return
    running = registry.version
    onChange(registry)
  }
  const reload = (): Promise<void> => {
    // One after the other, so that an older content cannot replace a newer one.
    last = last.then(load).catch((error: unknown) => {
      if (!(error instanceof RegistryError)) throw error
      // Before the first version is in force, `start` tells its caller.
      if (!stopped && running !== undefined) onError(error)
    })
    return last
  }
  const changed = (): void => void reload()

  return {
    name: 'peer registry',
    reload,
    async start() {
      // Watched before it is read, so that no change falls between the two.
      watchFile(file, { interval: everyMs, persistent: false }, changed)
      await load().catch((error: unknown) => {
        unwatchFile(file, changed)
        throw error
      })
    },
    async stop() {
      stopped = true
      unwatchFile(file, changed)
      await last
    }
  }
}

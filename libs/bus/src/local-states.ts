import { once } from 'node:events'
import type { StateChange } from './log.ts'
import { statesOf } from './local-partition.ts'
import type { Stream } from './log-file.ts'
import type { OpenLog } from './open-log.ts'

/**
 * A group's state for a stream, and with `follow` what changes in it afterwards. Who reads slower than commits come is
 * told the newest value of a key and not those between.
 */
export async function* statesIn(
  open: OpenLog,
  stream: Stream,
  group: string,
  follow: AbortSignal | undefined
): AsyncGenerator<StateChange> {
  if (follow === undefined) return yield* committedStates(open, stream, group)
  const ending = AbortSignal.any([follow, open.closing])
  const changes = new PendingChanges()
  // Before the first page is read: no change may fall between the two.
  const forget = open.onStates(stream, group, changed => changes.add(changed))
  try {
    for await (const state of committedStates(open, stream, group)) {
      if (ending.aborted) return
      yield state
    }
    for (;;) {
      for (const change of changes.take()) {
        if (ending.aborted) return
        yield change
      }
      if (ending.aborted) return
      await changes.any(ending)
    }
  } finally {
    forget()
  }
}

async function* committedStates(open: OpenLog, stream: Stream, group: string): AsyncGenerator<StateChange> {
  const member = stream.members.find(each => each.group === group)
  if (member === undefined) return
  for await (const state of statesOf(open.file, member)) {
    yield state
    if (open.closing.aborted) return
  }
}

class PendingChanges {
  #changes = new Map<string, StateChange>()
  readonly #added = new EventTarget()

  add(changed: readonly StateChange[]): void {
    for (const change of changed) {
      // To the end: what was changed with it comes before it, as in the commit.
      this.#changes.delete(change.key)
      this.#changes.set(change.key, change)
    }
    this.#added.dispatchEvent(new Event('added'))
  }

  take(): Iterable<StateChange> {
    const changes = this.#changes.values()
    this.#changes = new Map()
    return changes
  }

  async any(ending: AbortSignal): Promise<void> {
    if (this.#changes.size > 0) return
    await once(this.#added, 'added', { signal: ending }).catch((error: unknown) => {
      if (!ending.aborted) throw error
    })
  }
}

import type { Component, Log, LogRecord, Stage, StateEntry, Work } from '@earshot/bus'
import { readCommand } from '../command-record.ts'
import { topics } from '../pipeline.ts'
import { Decisions } from './decisions.ts'

/** The group whose state is what was decided: see DecisionsView. */
export const decisionsGroup = 'decisions'

/** Folds the commands into what they decide, apart from detection, which must not depend on them. */
export class DecisionsStage implements Stage {
  readonly #decisions = new Decisions()

  async restore(states: AsyncIterable<StateEntry>): Promise<void> {
    for await (const entry of states) this.#decisions.restore(entry)
  }

  handle(records: readonly LogRecord[]): Work {
    for (const record of records) this.#decisions.take(readCommand(record))
    return { emit: [], changed: this.#decisions.changes() }
  }
}

/** Takes commands for as long as it runs; of all monitors one does. */
export const decisions = (log: Log, onFailure: (error: Error) => void): Component =>
  log.run({ input: topics.commands, group: decisionsGroup, stage: () => new DecisionsStage(), onFailure })

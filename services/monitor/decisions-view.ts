import type { Component, Log } from '@earshot/bus'
import type { Alert } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'
import { Follower } from '../follower.ts'
import { topics } from '../pipeline.ts'
import { Decisions, lastDecisionKey, type Acknowledgement, type Silence } from './decisions.ts'
import { decisionsGroup } from './decisions-stage.ts'

export type DecisionsViewOptions = {
  readonly log: Pick<Log, 'partitions' | 'states'>
  /** Tells which silences are over: they are given in people's time, not in that of the packets. */
  readonly now: () => EpochMicros
  readonly onTrouble?: (error: Error) => void
}

/** What was decided about alerts, wherever it was decided. Goes on showing what it had while the log is away. */
export class DecisionsView implements Component {
  readonly name = 'decided'
  readonly #options: DecisionsViewOptions
  readonly #follower: Follower
  #decisions = new Decisions()

  constructor(options: DecisionsViewOptions) {
    this.#options = options
    this.#follower = new Follower({
      name: this.name,
      log: options.log,
      topic: topics.commands,
      read: (partition, signal) => this.#read(partition, signal),
      trouble: () => 'What was decided about alerts cannot be read',
      onTrouble: options.onTrouble
    })
  }

  start(): Promise<void> {
    return this.#follower.start()
  }

  stop(): Promise<void> {
    return this.#follower.stop()
  }

  acknowledgement(alert: Pick<Alert, 'id'>): Acknowledgement | undefined {
    return this.#decisions.acknowledgement(alert)
  }

  silenceOf(alert: Pick<Alert, 'peer' | 'kind'>): Silence | undefined {
    return this.#decisions.silenceOf(alert, this.#options.now())
  }

  silences(): Silence[] {
    return this.#decisions.silences(this.#options.now())
  }

  async #read(partition: number, signal: AbortSignal): Promise<void> {
    const decisions = new Decisions()
    for await (const change of this.#options.log.states(topics.commands, decisionsGroup, partition, signal)) {
      decisions.restore(change)
      if (change.key === lastDecisionKey) this.#decisions = decisions
    }
  }
}

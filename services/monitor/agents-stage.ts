import type { Component, Log, LogRecord, Stage, StateEntry, Work } from '@earshot/bus'
import type { Alert } from '@earshot/peers'
import { readAgents } from '../agents-record.ts'
import { alertRecord, topics } from '../pipeline.ts'
import { AgentSilence } from './agent-silence.ts'
import { AlertBook } from './alert-book.ts'

/** The group whose state is what is usual of agents, and the alerts about them: see MonitorView. */
export const agentsGroup = 'agents-watch'

/** Nobody waits for the second of it, and few commits cost less. */
const BATCH = { waitMs: 1000 }

type Parts = {
  readonly timeZone: string
  /** The books of the partitions that this process has now. */
  readonly watching: Set<{ readonly book: AlertBook }>
  /** Told of each alert once it is committed. */
  readonly onAlert: (alert: Alert) => void
}

/** Tells of agents that went silent. */
export class AgentsStage implements Stage {
  readonly book = new AlertBook()
  readonly #silence: AgentSilence
  readonly #parts: Parts
  #alerts: readonly Alert[] = []

  constructor(parts: Parts) {
    this.#parts = parts
    this.#silence = new AgentSilence(parts.timeZone)
  }

  async restore(states: AsyncIterable<StateEntry>): Promise<void> {
    for await (const entry of states) {
      if (AlertBook.isKey(entry.key)) this.book.restore(entry)
      else this.#silence.restore(entry)
    }
    this.#parts.watching.add(this)
  }

  handle(records: readonly LogRecord[]): Work {
    for (const record of records) this.#silence.take(readAgents(record))
    this.#alerts = this.#silence.alerts()
    for (const alert of this.#alerts) this.book.take(alert)
    return { emit: this.#alerts.map(alertRecord), changed: [...this.book.changes(), ...this.#silence.changes()] }
  }

  committed(): void {
    for (const alert of this.#alerts) this.#parts.onAlert(alert)
    this.#alerts = []
  }

  dropped(): void {
    this.#parts.watching.delete(this)
  }
}

/** Watches the agents for as long as it runs; of all monitors one does. */
export const agentsWatch = (log: Log, parts: Parts, onFailure: (error: Error) => void): Component =>
  log.run({ input: topics.agents, group: agentsGroup, stage: () => new AgentsStage(parts), batch: BATCH, onFailure })

import type { StateChange } from '@earshot/bus'
import type { Alert } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'
import { silenceId, type Command, type Commander, type Scope } from '../command-record.ts'

export type Acknowledgement = Commander
export type Silence = Commander & { readonly id: string; readonly scope: Scope; readonly until: EpochMicros }

/** Behind all other keys of the state, and the last of each commit. */
export const lastDecisionKey = '~'

/** Silences at a time; more are not taken. */
export const mostSilences = 1000
/** Acknowledgements that are kept, the newest. */
const MOST_ACKNOWLEDGED = 1000

/** What people decided about alerts: which they look after, and of which they want to hear nothing for a while. */
export class Decisions {
  readonly #acknowledged = new Map<Alert['id'], Acknowledgement>()
  readonly #silences = new Map<string, Silence>()
  readonly #touched = new Set<string>()

  /** A command that was taken before changes nothing. */
  take(command: Command): void {
    this.#forgetOver(command.at)
    switch (command.kind) {
      case 'acknowledge': {
        const { kind: _, alert, ...acknowledgement } = command
        const before = this.#acknowledged.get(alert)
        if (before?.by === command.by && before.note === command.note) return
        this.#set(this.#acknowledged, 'acknowledged', alert, acknowledgement)
        this.#forgetOldest()
        return
      }
      case 'silence': {
        const { kind: _, ...silence } = command
        const id = silenceId(command.scope)
        if (command.until <= command.at) return
        if (this.#silences.size >= mostSilences && !this.#silences.has(id)) return
        this.#set(this.#silences, 'silence', id, { id, ...silence })
        return
      }
      case 'unsilence':
        this.#delete(this.#silences, 'silence', command.silence)
    }
  }

  acknowledgement({ id }: Pick<Alert, 'id'>): Acknowledgement | undefined {
    return this.#acknowledged.get(id)
  }

  /** The silence that holds for an alert now, of several the one that ends last. */
  silenceOf({ peer, kind }: Pick<Alert, 'peer' | 'kind'>, now: EpochMicros): Silence | undefined {
    return [{ peer, kind }, { peer }, { kind }]
      .map(scope => this.#silences.get(silenceId(scope)))
      .filter(silence => silence !== undefined && silence.until > now)
      .reduce((one, other) => (one && one.until >= other!.until ? one : other), undefined)
  }

  /** Those that hold, the first to end first. */
  silences(now: EpochMicros): Silence[] {
    return [...this.#silences.values()].filter(({ until }) => until > now).sort((a, b) => a.until - b.until)
  }

  changes(): StateChange[] {
    if (this.#touched.size === 0) return []
    const changes = Array.from(this.#touched, key => {
      const [word, id] = key.split(' ') as [string, string]
      const known = word === 'silence' ? this.#silences.get(id) : this.#acknowledged.get(id)
      return { key, value: known && Buffer.from(JSON.stringify({ format: 1, ...known })) }
    })
    this.#touched.clear()
    return [...changes, { key: lastDecisionKey, value: Buffer.from('{"format":1}') }]
  }

  /**
   * Takes what `changes` gave.
   *
   * @throws when a later version wrote it
   */
  restore({ key, value }: StateChange): void {
    const [word, id] = key.split(' ') as [string, string]
    const known: Map<string, unknown> = word === 'silence' ? this.#silences : this.#acknowledged
    if (value === undefined) {
      known.delete(id)
      return
    }
    const { format, ...decision } = JSON.parse(value.toString()) as { readonly format: number }
    if (format !== 1) throw new Error(`What was decided about alerts has format ${format}; this version reads 1`)
    if (key !== lastDecisionKey) known.set(id, decision)
  }

  #forgetOver(now: EpochMicros): void {
    for (const { id, until } of this.#silences.values()) {
      if (until <= now) this.#delete(this.#silences, 'silence', id)
    }
  }

  #forgetOldest(): void {
    if (this.#acknowledged.size <= MOST_ACKNOWLEDGED) return
    const [oldest] = [...this.#acknowledged].sort(([a, one], [b, other]) => one.at - other.at || (a < b ? -1 : 1))
    this.#delete(this.#acknowledged, 'acknowledged', oldest![0])
  }

  #set<Decision>(known: Map<string, Decision>, word: string, id: string, decision: Decision): void {
    known.set(id, decision)
    this.#touched.add(`${word} ${id}`)
  }

  #delete(known: Map<string, unknown>, word: string, id: string): void {
    if (known.delete(id)) this.#touched.add(`${word} ${id}`)
  }
}

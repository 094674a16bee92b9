import type { StateChange } from '@earshot/bus'
import type { Alert } from '@earshot/peers'

const WORD = 'alert '

/** Ended alerts that are kept to be shown; all of them are in the topic of alerts. */
const MOST_ENDED = 100

/** The alerts that last, and the last that ended. */
export class AlertBook {
  readonly #alerts = new Map<string, Alert>()
  readonly #touched = new Set<string>()

  static isKey(key: string): boolean {
    return key.startsWith(WORD)
  }

  all(): Iterable<Alert> {
    return this.#alerts.values()
  }

  *active(): Iterable<Alert> {
    for (const alert of this.#alerts.values()) if (alert.endedAt === undefined) yield alert
  }

  take(alert: Alert): void {
    this.#set(alert)
    this.#touched.add(alert.id)
    const ended = [...this.#alerts.values()].filter(({ endedAt }) => endedAt !== undefined).sort(byEnd)
    for (const { id } of ended.slice(0, -MOST_ENDED)) {
      this.#alerts.delete(id)
      this.#touched.add(id)
    }
  }

  changes(): StateChange[] {
    const changes = Array.from(this.#touched, id => {
      const alert = this.#alerts.get(id)
      return { key: `${WORD}${id}`, value: alert && Buffer.from(JSON.stringify({ format: 1, alert })) }
    })
    this.#touched.clear()
    return changes
  }

  /**
   * Takes what `changes` gave.
   *
   * @throws when a later version wrote it
   */
  restore({ key, value }: StateChange): void {
    if (value === undefined) {
      this.#alerts.delete(key.slice(WORD.length))
      return
    }
    const { format, alert } = JSON.parse(value.toString()) as { format: number; alert: Alert }
    if (format !== 1) throw new Error(`An alert has format ${format}; this version reads 1`)
    this.#set(alert)
  }

  #set(alert: Alert): void {
    this.#alerts.set(alert.id, alert)
  }
}

const byEnd = (a: Alert, b: Alert): number => a.endedAt! - b.endedAt! || (a.id < b.id ? -1 : 1)

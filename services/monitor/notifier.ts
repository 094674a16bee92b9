import type { Component } from '@earshot/bus'
import type { Alert } from '@earshot/peers'
import { catalogue, type Metrics } from '@earshot/telemetry'
import { postableAlert } from './alertmanager.ts'

export type NotifierParts = {
  /** Takes what Alertmanager takes at /api/v2/alerts. */
  readonly webhook: string
  readonly pageUrl?: string
  /** Alerts that last, of the partitions that this process has: of all processes one tells of an alert. */
  readonly active: () => Iterable<Alert>
  readonly isSilenced: (alert: Alert) => boolean
  readonly metrics: Metrics
  /** Told when the webhook begins to fail, not of each failure. */
  readonly onTrouble: (error: Error) => void
  readonly everyMs?: number
  readonly soonMs?: number
}

const EVERY_MS = 60_000
/** Alerts that come together are told together. */
const SOON_MS = 1000
const TIMEOUT_MS = 10_000
/** Ended alerts that wait for a webhook that is away. */
const MOST_OWED = 1000

/**
 * Tells a webhook of alerts, in Alertmanager's format: soon after one starts or ends, and every minute all that last, so
 * that Alertmanager does not end them. That repetition is the retry as well: only an end that was not taken is kept for it.
 */
export class Notifier implements Component {
  readonly name = 'notifier'
  readonly #parts: NotifierParts
  readonly #stopping = new AbortController()
  /** Ended, and not told yet. */
  readonly #owed = new Map<Alert['id'], Alert>()
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #telling: Promise<void> = Promise.resolve()
  #isFailing = false

  constructor(parts: NotifierParts) {
    this.#parts = parts
    // Or the first failure would be no rise.
    for (const result of ['taken', 'failed']) parts.metrics.present(catalogue.webhookRequests, { result })
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#tellNext(), this.#parts.everyMs ?? EVERY_MS)
  }

  /** What is not told by now is told by the process that has the partition next, or ended by Alertmanager itself. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    await this.#telling
  }

  /** An alert has started or ended. */
  note(alert: Alert): void {
    if (this.#stopping.signal.aborted) return
    if (alert.endedAt !== undefined) this.#owe(alert)
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      this.#tellNext()
    }, this.#parts.soonMs ?? SOON_MS)
  }

  #owe(alert: Alert): void {
    this.#owed.set(alert.id, alert)
    if (this.#owed.size > MOST_OWED) this.#owed.delete(this.#owed.keys().next().value!)
  }

  /** One request at a time, so that the webhook gets an end behind its start. */
  #tellNext(): void {
    this.#telling = this.#telling.then(() => this.#tell())
  }

  /** Never rejects. */
  async #tell(): Promise<void> {
    const { active, isSilenced, pageUrl, metrics, onTrouble } = this.#parts
    const ended = [...this.#owed.values()]
    const alerts = [...ended, ...active()].filter(alert => !isSilenced(alert))
    if (this.#stopping.signal.aborted) return
    try {
      if (alerts.length > 0) {
        await this.#post(alerts.map(alert => postableAlert(alert, pageUrl)))
        metrics.add(catalogue.webhookRequests, 1, { result: 'taken' })
      }
      for (const { id } of ended) this.#owed.delete(id)
      this.#isFailing = false
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      metrics.add(catalogue.webhookRequests, 1, { result: 'failed' })
      if (error instanceof Refused) for (const { id } of ended) this.#owed.delete(id)
      if (!this.#isFailing) onTrouble(new Error('Alerts are not told to the webhook', { cause: error }))
      this.#isFailing = true
    }
  }

  async #post(body: unknown): Promise<void> {
    const response = await fetch(this.#parts.webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(TIMEOUT_MS)])
    })
    await response.body?.cancel()
    if (response.ok) return
    const message = `it answered ${response.status}`
    throw response.status < 500 && response.status !== 429 ? new Refused(message) : new Error(message)
  }
}

/** The webhook takes this never, so that repeating it makes no sense. */
class Refused extends Error {}

import type { Evaluated, Judged, Watcher } from './evaluation.ts'
import { watchers } from './evaluation.ts'

/** How well incidents of one sort were found. */
export type Score = {
  readonly watcher: Watcher
  readonly kind: string
  readonly signal: string
  readonly shape: string
  readonly incidents: number
  readonly found: number
  readonly recall: number
  readonly medianDelaySeconds?: number
  readonly p90DelaySeconds?: number
}

export type Noise = {
  readonly watcher: Watcher
  readonly alerts: number
  readonly falseAlerts: number
  readonly precision: number
  readonly falsePerPeerAndMonth: number
  /** False ones by kind and signal. */
  readonly falseBySignal: Readonly<Record<string, number>>
}

export type Evaluation = {
  readonly seeds: readonly number[]
  readonly weeks: number
  readonly peers: number
  readonly peerMonths: number
  readonly noise: readonly Noise[]
  readonly scores: readonly Score[]
  /** Every incident and how long it took to be told, for plots; null where it was not. */
  readonly incidents: readonly Incident[]
}

export type Incident = {
  readonly watcher: Watcher
  readonly kind: string
  readonly signal: string
  readonly shape: string
  readonly eventsIn5Minutes: number
  readonly delaySeconds: number | null
}

const WEEKS_OF_MONTH = 365.25 / 12 / 7

/** Sums up what was evaluated, peer after peer. */
export class Scores {
  readonly #incidents: Incident[] = []
  readonly #alerts = new Map<Watcher, { all: number; false: Record<string, number> }>()
  #peers = 0

  add({ results }: Evaluated): void {
    this.#peers++
    for (const watcher of watchers) {
      const { judged, raised } = results[watcher]
      const alerts = this.#alerts.get(watcher) ?? { all: 0, false: {} }
      this.#alerts.set(watcher, alerts)
      this.#incidents.push(...judged.map(each => incidentOf(watcher, each)))
      alerts.all += raised.length
      for (const { kind, signal, isFalse } of raised) {
        if (isFalse) alerts.false[`${kind} ${signal}`] = (alerts.false[`${kind} ${signal}`] ?? 0) + 1
      }
    }
  }

  evaluation({ seeds, weeks, peers }: Pick<Evaluation, 'seeds' | 'weeks' | 'peers'>): Evaluation {
    const peerMonths = (this.#peers * weeks) / WEEKS_OF_MONTH
    return {
      seeds,
      weeks,
      peers,
      peerMonths,
      noise: watchers.map(watcher => this.#noiseOf(watcher, peerMonths)),
      scores: [...this.#scores()],
      incidents: this.#incidents
    }
  }

  #noiseOf(watcher: Watcher, peerMonths: number): Noise {
    const { all, false: falseBySignal } = this.#alerts.get(watcher) ?? { all: 0, false: {} }
    const falseAlerts = Object.values(falseBySignal).reduce((a, b) => a + b, 0)
    return {
      watcher,
      alerts: all,
      falseAlerts,
      precision: all === 0 ? 1 : (all - falseAlerts) / all,
      falsePerPeerAndMonth: falseAlerts / peerMonths,
      falseBySignal
    }
  }

  *#scores(): Iterable<Score> {
    const sorts = Map.groupBy(this.#incidents, ({ watcher, kind, signal, shape }) =>
      [watcher, kind, signal, shape].join(' ')
    )
    for (const [, incidents] of [...sorts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const { watcher, kind, signal, shape } = incidents[0]!
      yield { watcher, kind, signal, shape, ...scoreOf(incidents) }
    }
  }
}

export function scoreOf(
  incidents: readonly Incident[]
): Pick<Score, 'incidents' | 'found' | 'recall' | 'medianDelaySeconds' | 'p90DelaySeconds'> {
  const delays = incidents.map(({ delaySeconds }) => delaySeconds ?? Infinity).sort((a, b) => a - b)
  const found = delays.filter(Number.isFinite).length
  // What was not found took for ever.
  const [median, p90] = [0.5, 0.9].map(part => delays[Math.ceil(part * delays.length) - 1]!)
  return {
    incidents: incidents.length,
    found,
    recall: found / incidents.length,
    ...(Number.isFinite(median) && { medianDelaySeconds: median! }),
    ...(Number.isFinite(p90) && { p90DelaySeconds: p90! })
  }
}

const incidentOf = (watcher: Watcher, { label, delaySeconds }: Judged): Incident => ({
  watcher,
  kind: label.kind,
  signal: label.signal,
  shape: label.shape,
  eventsIn5Minutes: Math.round(label.eventsIn5Minutes),
  delaySeconds: delaySeconds === undefined ? null : Math.round(delaySeconds)
})

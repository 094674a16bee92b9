import { chartSvg } from '../reports/chart-svg.ts'
import type { Chart } from '../reports/document.ts'
import { palette } from '../reports/palette.ts'
import type { Evaluation, Incident } from './evaluation-score.ts'
import { watchers, type Watcher } from './evaluation.ts'

const LONGEST_MINUTES = 30

const texts: Readonly<Record<Watcher, string>> = {
  earshot: 'Earshot',
  naive: '> 3 × offset 1w',
  naive_20: '> 3 × offset 1w, ≥ 20 events'
}

/** The same colour for each watcher in every picture. */
const colour = {
  field: 'watcher',
  type: 'nominal',
  title: null,
  scale: { domain: watchers.map(watcher => texts[watcher]), range: [palette.green, palette.vermilion, palette.orange] }
} as const

const size = { width: 560, height: 280 }

/** Pictures of an evaluation as SVG, by file name. */
export async function plotsOf(evaluation: Evaluation): Promise<ReadonlyMap<string, string>> {
  const charts: readonly (readonly [string, Chart])[] = [
    ['detection-delay.svg', delayPlot(evaluation)],
    ['detection-false-alerts.svg', falsePlot(evaluation)],
    ['detection-size.svg', sizePlot(evaluation)]
  ]
  return new Map(await Promise.all(charts.map(async ([name, chart]) => [name, `${await chartSvg(chart)}\n`] as const)))
}

/** Which part of the sudden rises was told of within so many minutes. */
function delayPlot({ incidents }: Evaluation): Chart {
  const values = watchers.flatMap(watcher => {
    const own = incidents.filter(each => each.watcher === watcher && isSeenByAll(each))
    return Array.from({ length: 10 * LONGEST_MINUTES + 1 }, (_, tenths) => {
      const within = own.filter(({ delaySeconds }) => delaySeconds !== null && delaySeconds <= 6 * tenths).length
      return { watcher: texts[watcher], minutes: tenths / 10, share: own.length > 0 ? within / own.length : null }
    })
  })
  const title = 'Sudden rises told of within so many minutes'
  return {
    title,
    spec: {
      title,
      ...size,
      data: { values },
      mark: 'line',
      encoding: {
        x: { field: 'minutes', type: 'quantitative', title: 'minutes' },
        y: { field: 'share', type: 'quantitative', axis: { format: '%' }, scale: { domain: [0, 1] }, title: null },
        color: colour
      }
    }
  }
}

/** How long each incident took, by how large it was. */
function sizePlot({ incidents }: Evaluation): Chart {
  const values = incidents
    .filter(({ watcher, shape }) => watcher === 'earshot' && shape === 'step')
    .map(({ kind, eventsIn5Minutes, delaySeconds }) => ({
      change: kind === 'spike' ? 'rises' : 'falls',
      events: Math.max(eventsIn5Minutes, 1),
      minutes: Math.min((delaySeconds ?? Infinity) / 60, LONGEST_MINUTES)
    }))
  const title = `Minutes until told, ${LONGEST_MINUTES} where later or never, by events in five minutes`
  return {
    title,
    spec: {
      title,
      ...size,
      data: { values },
      // Nobody is read a thousand points one by one.
      mark: { type: 'point', filled: true, size: 16, opacity: 0.5, aria: false },
      encoding: {
        x: { field: 'events', type: 'quantitative', scale: { type: 'log' }, title: 'events in five minutes' },
        y: { field: 'minutes', type: 'quantitative', title: 'minutes' },
        color: {
          field: 'change',
          type: 'nominal',
          title: null,
          scale: { domain: ['rises', 'falls'], range: [palette.vermilion, palette.blue] }
        }
      }
    }
  }
}

const FEWEST_FALSE = 0.01

/** False alerts of each peer and month, on a scale of powers of ten. */
function falsePlot({ noise }: Evaluation): Chart {
  const values = noise.map(({ watcher, falsePerPeerAndMonth }) => ({
    watcher: texts[watcher],
    alerts: Math.max(falsePerPeerAndMonth, FEWEST_FALSE),
    text: falsePerPeerAndMonth.toFixed(2)
  }))
  const title = 'False alerts of each peer and month'
  const y = { field: 'watcher', type: 'nominal', title: null, sort: null } as const
  const x = {
    field: 'alerts',
    type: 'quantitative',
    scale: { type: 'log', domainMin: FEWEST_FALSE },
    title: null
  } as const
  return {
    title,
    spec: {
      title,
      width: size.width,
      height: { step: 40 },
      data: { values },
      layer: [
        { mark: 'bar', encoding: { y, x, x2: { datum: FEWEST_FALSE }, color: { ...colour, legend: null } } },
        {
          mark: { type: 'text', align: 'left', dx: 4 },
          encoding: { y, x, text: { field: 'text', type: 'nominal' } }
        }
      ]
    }
  }
}

/** A rule can only see what has a counter of its own. */
const isSeenByAll = ({ kind, shape, signal }: Incident): boolean =>
  kind === 'spike' && shape === 'step' && signal !== 'post_dial_delay'

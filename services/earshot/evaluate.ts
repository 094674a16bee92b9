import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Presets, SingleBar } from 'cli-progress'
import Table from 'cli-table3'
import { evaluate } from './evaluation.ts'
import { evaluateMethods, type MethodsEvaluation } from './evaluation-methods.ts'
import { plotsOf } from './evaluation-plots.ts'
import { scoreOf, Scores, type Evaluation, type Incident } from './evaluation-score.ts'

export type EvaluateOptions = {
  readonly seeds: readonly number[]
  readonly weeks: number
  readonly peers: number
  /** For each peer; 0 is healthy traffic, of which every alert is false. */
  readonly incidentsPerWeek: number
  readonly json: boolean
  /** Folder for the plots. */
  readonly plot?: string
}

/** Runs the detectors over generated traffic whose incidents are known, and says how well they did. */
export async function runEvaluation(options: EvaluateOptions, write: (text: string) => Promise<void>): Promise<void> {
  const evaluation = evaluated(options)
  const methods = evaluateMethods({ ...options, regressionsPerWeek: options.incidentsPerWeek })
  if (options.plot !== undefined) {
    mkdirSync(options.plot, { recursive: true })
    for (const [name, svg] of await plotsOf(evaluation)) writeFileSync(join(options.plot, name), svg)
  }
  await write(
    options.json ? `${JSON.stringify({ ...evaluation, methods })}\n` : `${tablesOf(evaluation)}${lineOf(methods)}`
  )
}

function evaluated({ seeds, weeks, peers, incidentsPerWeek }: EvaluateOptions): Evaluation {
  const bar = new SingleBar(
    { stream: process.stderr, format: '{bar} {value} of {total} peers, {eta_formatted} left', hideCursor: true },
    Presets.shades_classic
  )
  if (process.stderr.isTTY) bar.start(seeds.length * peers, 0)
  const scores = new Scores()
  for (const seed of seeds) {
    for (const each of evaluate({ seed, weeks, peers, incidentsPerWeek })) {
      scores.add(each)
      bar.increment()
    }
  }
  bar.stop()
  return scores.evaluation({ seeds, weeks, peers })
}

const names = { earshot: 'Earshot', naive: '> 3 × offset 1w', naive_20: 'the same, ≥ 20 events' }

function tablesOf({ seeds, weeks, peers, peerMonths, noise, scores, incidents }: Evaluation): string {
  const alerts = new Table({ head: ['', 'alerts', 'false', 'precision', 'false per peer and month'], style: plain })
  for (const { watcher, alerts: all, falseAlerts, precision, falsePerPeerAndMonth } of noise) {
    alerts.push([names[watcher], all, falseAlerts, precision.toFixed(3), falsePerPeerAndMonth.toFixed(2)])
  }
  const found = new Table({
    head: ['', 'incident', 'signal', 'shape', 'number', 'recall', 'delay: median', '90 %'],
    style: plain
  })
  for (const [of, some] of groups(incidents)) {
    const score = scoreOf(some)
    found.push([
      ...of,
      score.incidents,
      score.recall.toFixed(3),
      inMinutes(score.medianDelaySeconds),
      inMinutes(score.p90DelaySeconds)
    ])
  }
  for (const score of scores) {
    if (score.watcher !== 'earshot' && score.kind !== 'spike') continue
    const { watcher, kind, signal, shape, medianDelaySeconds, p90DelaySeconds } = score
    const row = [names[watcher], kind, signal, shape, score.incidents, score.recall.toFixed(3)]
    found.push([...row, inMinutes(medianDelaySeconds), inMinutes(p90DelaySeconds)])
  }
  const what = `${seeds.length} seeds, ${peers} peers, ${weeks} weeks: ${peerMonths.toFixed(0)} months of a peer`
  return `${what}\n${alerts.toString()}\n${found.toString()}\n`
}

function lineOf(methods: MethodsEvaluation): string {
  const { peerWeeks, regressions, withFiveRejections, found, longestDelaySeconds, falseAlerts } = methods
  const latest =
    longestDelaySeconds === null ? '' : `, at the latest ${longestDelaySeconds.toFixed(0)} s after the fifth rejection`
  return `Methods, ${peerWeeks} weeks of a peer: ${regressions} regressions, ${withFiveRejections} with five rejections in a quarter of an hour, ${found} found${latest}; ${falseAlerts} false alerts\n`
}

/** Threefold rises together, for they are what is asked for. */
function* groups(incidents: readonly Incident[]): Iterable<[string[], Incident[]]> {
  const rises = incidents.filter(({ kind, signal }) => kind === 'spike' && threefold.has(signal))
  for (const watcher of ['earshot', 'naive', 'naive_20'] as const) {
    const own = rises.filter(each => each.watcher === watcher)
    for (const shape of ['step', 'ramp', 'burst']) {
      const some = own.filter(each => each.shape === shape)
      if (some.length > 0) yield [[names[watcher], 'threefold rise', 'all', shape], some]
    }
  }
}

/** The output may go to a file. */
const plain = { head: [], border: [] }

const threefold: ReadonlySet<string> = new Set(['attempts', 'rejections_501', 'early_media_failures'])

const inMinutes = (seconds: number | undefined): string =>
  seconds === undefined ? '–' : `${(seconds / 60).toFixed(1)} min`

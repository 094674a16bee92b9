import { isRejection, proves } from '@earshot/calls'
import { MethodWatch } from '@earshot/peers'
import { labelledEvidence, type LabelledEvidence, type Regression } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'

/** How well regressions of methods were told. Delays are in seconds of event time after the fifth rejection. */
export type MethodsEvaluation = {
  readonly peerWeeks: number
  /** Those put in; of some so little was seen that there were no five rejections in a quarter of an hour. */
  readonly regressions: number
  readonly withFiveRejections: number
  readonly found: number
  readonly longestDelaySeconds: number | null
  readonly falseAlerts: number
}

export type MethodsOptions = {
  readonly seeds: readonly number[]
  readonly weeks: number
  readonly peers: number
  readonly regressionsPerWeek: number
}

const MICROS = 1e6
const FIVE = 5
const QUARTER = 15 * 60
/** Time is told to detectors in steps, as the monitor does it. */
const STEP = 5
/** What devices said for a quarter of an hour after the end may still be told as its consequence. */
const AFTERMATH = QUARTER

type Told = { readonly peer: string; readonly method: string; readonly at: number }

/** Runs the detector of regressions over generated evidence of which it is known where methods were lost. */
export function evaluateMethods({ seeds, ...options }: MethodsOptions): MethodsEvaluation {
  const all = seeds.map(seed => evaluated({ seed, ...options }))
  const delays = all.flatMap(({ delays: some }) => some)
  const found = delays.filter(delay => delay !== undefined)
  return {
    peerWeeks: seeds.length * options.peers * options.weeks,
    regressions: all.reduce((sum, { regressions }) => sum + regressions, 0),
    withFiveRejections: delays.length,
    found: found.length,
    longestDelaySeconds: found.length === 0 ? null : found.reduce((a, b) => Math.max(a, b)),
    falseAlerts: all.reduce((sum, { falseAlerts }) => sum + falseAlerts, 0)
  }
}

function evaluated(options: Parameters<typeof labelledEvidence>[0]) {
  const { regressions, evidence } = labelledEvidence(options)
  const told: Told[] = []
  const fifths = new Map<Regression, number>()
  const byPeer = Map.groupBy(regressions, ({ peer }) => peer)
  let peer = ''
  let watch = new MethodWatch()
  const rejections = new Map<Regression, number[]>()
  for (const each of evidence()) {
    if (each.peer !== peer) {
      peer = each.peer
      watch = new MethodWatch()
    }
    told.push(...observe(watch, each))
    const lost = each.status === 501 && byPeer.get(peer)?.find(regression => isIn(each, regression))
    if (lost && !fifths.has(lost)) noteRejection(lost, each.at, rejections, fifths)
  }
  return {
    regressions: regressions.length,
    delays: Array.from(fifths, ([regression, fifth]) => delayOf(told, regression, fifth)),
    falseAlerts: told.filter(alert => !regressions.some(regression => isOf(alert, regression))).length
  }
}

function* observe(watch: MethodWatch, { at, peer, method, status, agent, allow }: LabelledEvidence): Iterable<Told> {
  const second = Math.floor(at)
  watch.advance(epochMicros(Math.floor(second / STEP) * STEP * MICROS))
  for (const alert of watch.alerts()) {
    if (alert.endedAt !== undefined) continue
    yield { peer: alert.peer, method: alert.method!, at: toldAt(alert.raisedAt / MICROS) }
  }
  if (allow) {
    const source = status >= 300 ? '501' : method === 'OPTIONS' ? 'options' : 'answer'
    watch.observe({ kind: 'allowed', second, peer, agent, source, methods: allow, count: 1 })
  }
  if (isRejection(status) || proves(method, status)) {
    watch.observe({ kind: 'method', second, peer, agent, method, code: status, count: 1, callId: '' })
  }
}

/** With the step of time that ends after it. */
const toldAt = (second: number): number => (Math.floor(second / STEP) + 1) * STEP

/** The fifth rejection in a quarter of an hour is when it could be known. */
function noteRejection(
  regression: Regression,
  at: number,
  rejections: Map<Regression, number[]>,
  fifths: Map<Regression, number>
): void {
  const times = rejections.get(regression) ?? []
  rejections.set(regression, times)
  times.push(at)
  const first = times.at(-FIVE)
  if (first !== undefined && at - first <= QUARTER) fifths.set(regression, at)
}

const isIn = ({ method, at }: LabelledEvidence, { method: lost, start, end }: Regression): boolean =>
  method === lost && start <= at && at < end

const isOf = ({ peer, method, at }: Told, regression: Regression): boolean =>
  peer === regression.peer && method === regression.method && at >= regression.start && at <= regression.end + AFTERMATH

function delayOf(told: readonly Told[], regression: Regression, fifth: number): number | undefined {
  const alert = told.find(each => isOf(each, regression))
  return alert && Math.max(0, alert.at - fifth)
}

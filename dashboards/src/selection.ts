import * as promql from '@grafana/promql-builder'
import type { Counter, Gauge, Histogram } from '@earshot/telemetry'
import type { Query } from './query.ts'

/** What Prometheus adds to every series that it scrapes. */
type Target = 'job' | 'instance'

/** The series of a metric that a selector names. Counters are to be asked for their rate or increase. */
export type Selection<Kind extends 'counter' | 'gauge', Label extends string> = Query<Label> & {
  readonly kind: Kind
  /** The same as a range vector. */
  ranged(range: string): promql.Builder<promql.Expr>
}

/** Which values of a label: this one, or what `not`, `anyOf` or `matching` makes. */
export type Where<Label extends string> = { readonly [L in Label | Target]?: string | Match }

type Match = {
  readonly operator: '!=' | '=~' | '!~'
  readonly value: string
  /** Those of the values that the catalogue must know. */
  readonly names: readonly string[]
}

export const not = (value: string): Match => ({ operator: '!=', value, names: [value] })
export const anyOf = (...values: readonly string[]): Match => ({
  operator: '=~',
  value: values.join('|'),
  names: values
})
export const noneOf = (...values: readonly string[]): Match => ({ ...anyOf(...values), operator: '!~' })
/** A regular expression (RE2, anchored); may be a variable of a dashboard. */
export const matching = (pattern: string): Match => ({ operator: '=~', value: pattern, names: [] })

/** Throws on a value that the catalogue's metric cannot have: such a query would be empty for ever. */
export function select<Kind extends 'counter' | 'gauge', Label extends string>(
  metric: Named<Label> & { readonly kind: Kind },
  where: Where<NoInfer<Label>> = {}
): Selection<Kind, Label | Target> {
  return selection(metric.kind, metric.name, metric, where)
}

/** The cumulative buckets of a histogram. */
export const buckets = <Label extends string>(
  metric: Histogram<Label>,
  where: Where<NoInfer<Label> | 'le'> = {}
): Selection<'counter', Label | 'le' | Target> => selection('counter', `${metric.name}_bucket`, metric, where)

/** The sum of a histogram's values. */
export const sumOf = <Label extends string>(
  metric: Histogram<Label>,
  where: Where<NoInfer<Label>> = {}
): Selection<'counter', Label | Target> => selection('counter', `${metric.name}_sum`, metric, where)

/** How many values a histogram has. */
export const countOf = <Label extends string>(
  metric: Histogram<Label>,
  where: Where<NoInfer<Label>> = {}
): Selection<'counter', Label | Target> => selection('counter', `${metric.name}_count`, metric, where)

/** Per second, as an average over the range. */
export const rate = <Label extends string>(of: Selection<'counter', Label>, range: string): Query<Label> => ({
  expression: promql.rate(of.ranged(range))
})

/** How much came in the range; extrapolated to its ends, so not always a whole number. */
export const increase = <Label extends string>(of: Selection<'counter', Label>, range: string): Query<Label> => ({
  expression: promql.increase(of.ranged(range))
})

const overRange = {
  avg_over_time: promql.avgOverTime,
  max_over_time: promql.maxOverTime,
  min_over_time: promql.minOverTime,
  sum_over_time: promql.sumOverTime,
  count_over_time: promql.countOverTime,
  last_over_time: promql.lastOverTime,
  present_over_time: promql.presentOverTime,
  changes: promql.changes,
  delta: promql.delta,
  deriv: promql.deriv
}

/** A function of the values in a range; of what is more than a selection by a subquery, at each `resolution`. */
export function over<Label extends string>(
  range: string,
  name: keyof typeof overRange,
  of: Query<Label>,
  resolution = '1m'
): Query<Label> {
  const ranged = isSelection(of) ? of.ranged(range) : promql.subquery(of.expression).range(range).resolution(resolution)
  return { expression: overRange[name](ranged) }
}

const isSelection = <Label extends string>(of: Query<Label>): of is Selection<'counter' | 'gauge', Label> =>
  'ranged' in of

/** The name and labels of series that a rule records, or that Prometheus itself makes. */
export const series = <const Label extends string>(name: string, labels: readonly Label[]): Series<Label> => ({
  kind: 'gauge',
  name,
  labels,
  values: {}
})

export type Series<Label extends string> = Pick<Gauge<Label>, 'kind' | 'name' | 'labels' | 'values'>

/** 1 for each target that Prometheus reached, 0 for each that it did not. */
export const up = series('up', [])

/** Prometheus' own: 1 for each of its alerts that is pending or firing, with the labels of its rule. */
export const firing = series('ALERTS', ['alertname', 'alertstate', 'severity', 'peer', 'kind'])

type Named<Label extends string> = Pick<Counter<Label> | Gauge<Label>, 'name' | 'labels' | 'values'>

function selection<Kind extends 'counter' | 'gauge', Label extends string>(
  kind: Kind,
  name: string,
  { values }: Pick<Named<string>, 'values'>,
  where: Where<string>
): Selection<Kind, Label> {
  const vector = (): promql.VectorExprBuilder => {
    const matchers = Object.entries(where).map(([label, match = '']) => matcher(name, label, match, values[label]))
    return promql.vector(name).labels(matchers)
  }
  return { kind, expression: vector(), ranged: range => vector().range(range) }
}

function matcher(
  metric: string,
  label: string,
  match: string | Match,
  known: readonly string[] | undefined
): promql.LabelSelectorBuilder {
  const { operator, value, names } =
    typeof match === 'string' ? { operator: '=' as const, value: match, names: [match] } : match
  const unknown = known && names.find(name => !known.includes(name))
  if (unknown !== undefined) throw new Error(`${metric} has no ${label} ${unknown}`)
  return new promql.LabelSelectorBuilder().name(label).operator(operator).value(value)
}

import type { AnyQuery, Query } from '../query.ts'

/** A series that Prometheus computes each time it evaluates the rules. */
export type Recording = { readonly record: `${string}:${string}:${string}`; readonly query: AnyQuery }

export type Severity = 'warning' | 'critical'

/** Which team an alert is for: those who run the calls, those who buy capacity, those who run Earshot. */
export type Area = 'peers' | 'capacity' | 'pipeline'

export type AlertRule = {
  readonly alert: AlertName
  readonly query: AnyQuery
  /** How long the query has to give something. */
  readonly for: string
  /** Absent where the series of the query say it. */
  readonly severity?: Severity
  readonly area: Area
  /** Templates of Prometheus, in one line each. */
  readonly summary: string
  readonly description: string
}

export type AlertName = `Earshot${string}`

export type RuleGroup = { readonly name: string; readonly rules: readonly (Recording | AlertRule)[] }

/** What the words of an alert are made of. A label that the query has lost on its way is an error of types. */
export type Words<Label extends string> = {
  readonly label: (name: Label) => string
  readonly value: (as?: Form) => string
}

type Form = 'percent' | 'duration' | 'plain'

const forms: Readonly<Record<Form, string>> = {
  percent: ' | humanizePercentage',
  duration: ' | humanizeDuration',
  plain: ' | printf "%.4g"'
}

export function alert<Label extends string>({
  query,
  words,
  ...rule
}: Omit<AlertRule, 'query' | 'summary' | 'description'> & {
  readonly query: Query<Label>
  readonly words: (of: Words<Label>) => Pick<AlertRule, 'summary' | 'description'>
}): AlertRule {
  const value = (as: Form = 'plain'): string => `{{ $value${forms[as]} }}`
  return { ...rule, query, ...words({ label: name => `{{ $labels.${name} }}`, value }) }
}

/** A share as people read it: 0.29 is 29 %. */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(12))} %`

/** The page of an alert below docs/runbooks, without its ending. */
export const runbookOf = (alert: AlertName): string =>
  alert
    .slice('Earshot'.length)
    .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase()

import { alertsOf, ruleGroups } from '../index.ts'
import { inRepository } from '../files.ts'
import { runbookOf, type AlertRule } from '../rule.ts'
import type { AlertCase, ExpectedAlert } from './case.ts'
import { alertCases } from './index.ts'
import { moving, recordingCases, resting } from './recorded.ts'

type Tests = {
  readonly rule_files: readonly string[]
  readonly evaluation_interval: string
  /** Without it promtool works the groups in an order of its own, another each time. */
  readonly group_eval_order: readonly string[]
  readonly tests: object[]
}

/** All cases as `promtool test rules` takes them, for the rules in that file. */
export const promtoolTests = (rules: string): Tests => ({
  rule_files: [rules],
  evaluation_interval: '1m',
  group_eval_order: ruleGroups().map(({ name }) => name),
  tests: [
    ...alertsOf(ruleGroups()).flatMap(rule => (alertCases[rule.alert] ?? []).map(each => alertTest(rule, each))),
    recordingTest('moving', moving, ({ samples }) => samples),
    recordingTest('resting', resting, ({ atRest }) => atRest)
  ]
})

const alertTest = (rule: AlertRule, { name, series, at, alerts = [] }: AlertCase): object => ({
  name: `${rule.alert}: ${name}`,
  interval: '1m',
  input_series: inputs(series),
  alert_rule_test: [{ alertname: rule.alert, eval_time: at, exp_alerts: alerts.map(alert => expectation(rule, alert)) }]
})

const expectation = ({ alert, area }: AlertRule, { labels, summary, description }: ExpectedAlert): object => ({
  exp_labels: { service: 'earshot', area, ...labels },
  exp_annotations: { summary, description, runbook_url: inRepository(runbookOf(alert)) }
})

/** Rounded, for the sums of Prometheus are not exact; NaN, which nothing can be compared with, is nothing. */
const rounded = (record: string): string => `round(${record}, 0.0001) >= 0`
const round = (value: number): number => Math.floor(value * 1e4 + 0.5) / 1e4

const recordingTest = (
  name: string,
  series: AlertCase['series'],
  samples: (each: (typeof recordingCases)[number]) => Readonly<Record<string, number>>
): object => ({
  name: `recorded of series that are ${name}`,
  interval: '1m',
  input_series: inputs(series),
  promql_expr_test: recordingCases.map(each => ({
    expr: rounded(each.record),
    eval_time: '20m',
    exp_samples: Object.entries(samples(each)).map(([labels, value]) => ({ labels, value: round(value) }))
  }))
})

const inputs = (series: AlertCase['series']): object[] =>
  Object.entries(series).map(([name, values]) => ({ series: name, values }))

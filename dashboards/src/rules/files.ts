import { stringify } from 'yaml'
import { text } from '../query.ts'
import { runbookOf, type AlertRule, type Recording, type RuleGroup } from './rule.ts'

export type Runbooks = (page: string) => string

/** Where the pages are when nobody says where they can be reached: in this repository. */
export const inRepository: Runbooks = page => `docs/runbooks/${page}.md`

/** Below a URL, as the page of Earshot serves them at /runbooks/. */
export const runbooksBelow =
  (url: string): Runbooks =>
  page =>
    `${url.replace(/\/*$/, '/')}${page}`

/** A file for `rule_files` of Prometheus. */
export const rulesFile = (groups: readonly RuleGroup[], runbooks: Runbooks = inRepository): string =>
  `${head}${yaml(spec(groups, runbooks))}`

/** The same for the Prometheus Operator. */
export const prometheusRule = (groups: readonly RuleGroup[], runbooks: Runbooks = inRepository): string =>
  `${head}${yaml({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'earshot', labels: { 'app.kubernetes.io/name': 'earshot' } },
    spec: spec(groups, runbooks)
  })}`

const head = '# Made by `npm run rules` from dashboards/src/rules; do not edit.\n'

const yaml = (document: object): string => stringify(document, { lineWidth: 0 })

const spec = (groups: readonly RuleGroup[], runbooks: Runbooks): object => ({
  groups: groups.map(({ name, rules }) => ({
    name,
    rules: rules.map(rule => ('alert' in rule ? alerting(rule, runbooks) : recording(rule)))
  }))
})

const recording = ({ record, query }: Recording): object => ({ record, expr: expression(query) })

const alerting = (rule: AlertRule, runbooks: Runbooks): object => ({
  alert: rule.alert,
  expr: expression(rule.query),
  ...(rule.for !== '0s' && { for: rule.for }),
  labels: { service: 'earshot', area: rule.area, ...(rule.severity && { severity: rule.severity }) },
  annotations: {
    summary: rule.summary,
    description: rule.description,
    runbook_url: runbooks(runbookOf(rule.alert))
  }
})

const expression = (query: Recording['query']): string => text(query).replaceAll(/ {2,}/g, ' ')

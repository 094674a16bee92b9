import { asShipped } from './options.ts'
import { prometheusRule, rulesFile } from './files.ts'
import { ruleGroups } from './index.ts'

/** At this pace a quarter of an hour is three minutes. */
const DEMO_PACE = 0.2

/** What stands below dashboards/generated, by path. */
export const generatedRules = (): Readonly<Record<string, string>> => ({
  'rules/earshot.yaml': rulesFile(ruleGroups()),
  'rules/prometheus-rule.yaml': prometheusRule(ruleGroups()),
  'demo/rules.yaml': rulesFile(ruleGroups({ ...asShipped, pace: DEMO_PACE }))
})

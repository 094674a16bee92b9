import { asShipped } from './options.ts'
import { prometheusRule, rulesFile } from './files.ts'
import { ruleGroups } from './index.ts'
import { rulesReference } from './reference.ts'

/** At this pace a quarter of an hour is three minutes. */
const DEMO_PACE = 0.2

/** What stands in the repository, by path. */
export const generatedRules = (): Readonly<Record<string, string>> => ({
  'dashboards/generated/rules/earshot.yaml': rulesFile(ruleGroups()),
  'dashboards/generated/rules/prometheus-rule.yaml': prometheusRule(ruleGroups()),
  'dashboards/generated/demo/rules.yaml': rulesFile(ruleGroups({ ...asShipped, pace: DEMO_PACE })),
  'docs/rules.md': rulesReference(ruleGroups())
})

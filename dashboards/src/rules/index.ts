import { capacity } from './capacity.ts'
import { detected } from './detected.ts'
import { intake } from './intake.ts'
import { asShipped, type RuleOptions } from './options.ts'
import { peers } from './peers.ts'
import { recordings } from './recorded.ts'
import type { AlertRule, RuleGroup } from './rule.ts'
import { work } from './work.ts'

/** All rules. What is recorded comes first. */
export const ruleGroups = (options: RuleOptions = asShipped): RuleGroup[] =>
  [recordings, detected, peers, capacity, intake, work].map(group => group(options))

export const alertsOf = (groups: readonly RuleGroup[]): AlertRule[] =>
  groups.flatMap(({ rules }) => rules.filter(rule => 'alert' in rule))

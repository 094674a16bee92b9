import { catalogue } from '@earshot/telemetry'
import { and, compare, max, sum, unless, type Query } from '../query.ts'
import { anyOf, noneOf, select } from '../selection.ts'
import type { RuleOptions } from './options.ts'
import { recorded } from './recorded.ts'
import { alert, type AlertRule, type RuleGroup, type Severity } from './rule.ts'
import { withGroup } from './with-group.ts'

/*
 * What the monitor has found, told by Prometheus instead of by the monitor's webhook: the same names. Waiting is done already
 * (`for` is 0), and what is silenced in Earshot is silent here.
 */

/** Whose regression is critical, as the monitor has it (MC-11). */
export const criticalMethods = ['PRACK', 'UPDATE', 'BYE', 'REGISTER']

export function detected(options: RuleOptions): RuleGroup {
  return {
    name: 'earshot-detected',
    rules: [
      regression('critical', options),
      regression('warning', options),
      found('EarshotAllowDrop', 'allow_drop', 'lists a method no more in its Allow that it listed', options),
      found('EarshotSpike', 'spike', 'has more of something than is usual at this hour', options),
      found('EarshotDrop', 'drop', 'has less of something than is usual at this hour', options),
      found('EarshotAbsence', 'absence', 'has nothing at all of something that was steady', options),
      found('EarshotHeadroom', 'headroom', 'uses most of what it has contracted, or more', options)
    ]
  }
}

function regression(severity: Severity, options: RuleOptions): AlertRule {
  const methods = severity === 'critical' ? anyOf(...criticalMethods) : noneOf(...criticalMethods)
  const regressed = max(select(catalogue.methodRegressed, { method: methods }), ['peer', 'method'])
  const told = heard('method_regression')
  return alert({
    alert: 'EarshotMethodRegression',
    query: withGroup(and(compare(regressed, '>', 0), compare(told, '>', 0), ['peer']), recorded(options)),
    for: '0s',
    severity,
    area: 'peers',
    words: ({ label }) => ({
      summary: `${label('peer')} rejects ${label('method')}, which it took`,
      description: `${label('peer')} answers ${label('method')} with 501 or 405 since lately, at least half of what is tried. Since when, which calls and what its Allow lists: /api/alerts, or the page.`
    })
  })
}

function found(
  name: AlertRule['alert'],
  kind: 'allow_drop' | 'spike' | 'drop' | 'absence' | 'headroom',
  what: string,
  options: RuleOptions
): AlertRule {
  return alert({
    alert: name,
    query: withGroup(compare(heard(kind), '>', 0), recorded(options)),
    for: '0s',
    area: kind === 'headroom' ? 'capacity' : 'peers',
    words: ({ label, value }) => ({
      summary: `${label('peer')} ${what}`,
      description: `${value()} ${label('severity')} alert(s) of kind ${kind} last at ${label('peer')}. Of what, since when and how improbable by chance: /api/alerts, or the page.`
    })
  })
}

/** How many last and are not silenced: a silence is of all of a kind, of all of a peer, or of both. */
function heard(kind: string): Query<'peer' | 'severity'> {
  const active = sum(select(catalogue.alertsActive, { kind }), ['peer', 'severity'])
  return unless(active, compare(sum(select(catalogue.alertsSilenced, { kind }), ['peer', 'severity']), '>', 0), [
    'peer',
    'severity'
  ])
}

import { catalogue } from '@earshot/telemetry'
import { compare, divide, max, sum, type Query } from '../query.ts'
import { select } from '../selection.ts'
import { lasting, secondsIn, type RuleOptions } from './options.ts'
import { recorded } from './recorded.ts'
import { alert, percent, type AlertRule, type RuleGroup } from './rule.ts'
import { withGroup } from './with-group.ts'

/** What is used of a contract for as long as it takes to be no moment: EarshotHeadroom tells of moments. */
export function capacity(options: RuleOptions): RuleGroup {
  const { attempts, window } = recorded(options)
  const calls = sum(select(catalogue.concurrentCalls), ['peer'])
  const attemptsPerSecond = divide(attempts(), secondsIn(options, 15))
  const contracted = {
    calls: max(select(catalogue.contractedCalls), ['peer']),
    attempts: max(select(catalogue.contractedAttempts), ['peer'])
  }
  const used = (what: string, name: AlertRule['alert'], share: Query<'peer'>): AlertRule =>
    alert({
      alert: name,
      query: withGroup(compare(share, '>', options.thresholds.contractUsed), recorded(options)),
      for: lasting(options, 15),
      severity: 'warning',
      area: 'capacity',
      words: ({ label, value }) => ({
        summary: `${label('peer')}: the contracted ${what} are nearly used`,
        description: `${value('percent')} of the ${what} that ${label('peer')} has contracted are used, and more than ${percent(options.thresholds.contractUsed)} for ${window}.`
      })
    })
  return {
    name: 'earshot-capacity',
    rules: [
      used('concurrent calls', 'EarshotCallsNearContract', divide(calls, contracted.calls)),
      used('attempts per second', 'EarshotAttemptsNearContract', divide(attemptsPerSecond, contracted.attempts))
    ]
  }
}

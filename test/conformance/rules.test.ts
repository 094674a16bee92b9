import { describe, expect, it } from '@jest/globals'
import type { Alert } from '@earshot/peers'
import { catalogue } from '@earshot/telemetry'
import { epochMicros } from '@earshot/units'
import { criticalMethods } from '../../dashboards/src/rules/detected.ts'
import { alertsOf, ruleGroups } from '../../dashboards/src/rules/index.ts'
import { impactOf } from '../../libs/peers/src/advice.ts'
import { postableAlert } from '../../services/monitor/alertmanager.ts'

const labels = catalogue.alertsActive.values
const alert = (kind: Alert['kind']): Alert => ({
  id: '',
  kind,
  peer: '',
  severity: 'warning',
  startedAt: epochMicros(0),
  raisedAt: epochMicros(0),
  summary: '',
  evidence: {},
  advice: '',
  runbook: ''
})

describe('the rules for Prometheus', () => {
  it('name every kind of alert as the monitor does', () => {
    const named = (labels.kind as Alert['kind'][]).map(kind => postableAlert(alert(kind)).labels.alertname)
    expect(alertsOf(ruleGroups()).map(rule => rule.alert)).toEqual(expect.arrayContaining(named))
  })

  it('find those methods critical that the monitor does', () => {
    const critical = catalogue.methodRegressed.values.method?.filter(each => impactOf(each).severity === 'critical')
    expect([...criticalMethods].sort()).toEqual(critical?.sort())
  })
})

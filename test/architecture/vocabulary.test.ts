import { describe, expect, it } from '@jest/globals'
import { diagnosisCodes, earlyClasses, noCounts, outcomes } from '@earshot/calls'
import { alertKinds, methodLabels } from '@earshot/peers'
import { catalogue } from '@earshot/telemetry'
import * as page from '../../services/console/web/src/api.ts'
import { mediaResults } from '../../services/pipeline.ts'

const sorted = (words: readonly string[]): string[] => [...words].sort()

/** Neither the catalogue nor the page may import libs/calls; their copies of its words are compared here. */
describe('the words of libs/calls', () => {
  it.each([catalogue.attempts, catalogue.attemptsPending])('are those of $name', ({ values }) => {
    expect(values.class).toEqual(earlyClasses)
    expect(values.outcome).toEqual(outcomes)
  })

  it('are those of the diagnoses, and what a later version may say', () => {
    expect(catalogue.diagnoses.values.code).toEqual([...diagnosisCodes, 'other'])
  })

  it('are those of the page, in its own order', () => {
    expect(sorted(page.outcomes)).toEqual(sorted(outcomes))
    expect(page.earlyMediaClasses).toEqual(earlyClasses.toReversed())
    expect(Object.keys(noCounts())).toEqual(expect.arrayContaining([...page.messageKinds]))
  })
})

describe('the words of the catalogue', () => {
  it.each([catalogue.alerts, catalogue.alertsActive, catalogue.alertsAcknowledged, catalogue.alertsSilenced])(
    'are the kinds of alerts in $name',
    ({ values }) => {
      expect(values.kind).toEqual(alertKinds)
    }
  )

  it('are what becomes of reports of media', () => {
    expect(catalogue.mediaReports.values.result).toEqual(mediaResults)
  })

  it.each([catalogue.rejections, catalogue.methodRegressed])('are the methods in $name (MC-12)', ({ values }) => {
    expect(sorted(values.method ?? [])).toEqual(sorted([...methodLabels, 'OTHER']))
  })
})

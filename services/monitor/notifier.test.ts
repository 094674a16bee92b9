import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Alert } from '@earshot/peers'
import { Metrics } from '@earshot/telemetry'
import { epochMicros, plus, seconds } from '@earshot/units'
import { postableAlert, type PostableAlert } from './alertmanager.ts'
import { Notifier, type NotifierParts } from './notifier.ts'
import { receiver, type Receiver } from './webhook.fixture.ts'

const noon = epochMicros(1_767_225_600e6)

const alert = (id: string): Alert => ({
  id,
  kind: 'method_regression',
  peer: `peer ${id}`,
  method: 'UPDATE',
  severity: 'critical',
  startedAt: noon,
  raisedAt: noon,
  summary: 'it rejects UPDATE',
  evidence: { callIds: ['one', 'two'] },
  advice: 'use re-INVITE',
  runbook: 'method-regression'
})
const ended = (alert: Alert): Alert => ({ ...alert, endedAt: plus(noon, seconds(60)) })

it('tells an alert as Alertmanager takes it', () => {
  const labels = { alertname: 'EarshotMethodRegression', service: 'earshot', kind: 'method_regression' }
  expect(postableAlert(ended(alert('a')), 'https://noc.example/earshot')).toEqual({
    labels: { ...labels, peer: 'peer a', method: 'UPDATE', severity: 'critical' },
    annotations: {
      summary: 'it rejects UPDATE',
      description: 'use re-INVITE',
      evidence: '{"callIds":["one","two"]}',
      earshot_id: 'a',
      runbook_url: 'https://noc.example/earshot/runbooks/method-regression'
    },
    startsAt: '2026-01-01T00:00:00.000Z',
    endsAt: '2026-01-01T00:01:00.000Z',
    generatorURL: 'https://noc.example/earshot/'
  })
  expect(Object.keys(postableAlert(alert('a')))).toEqual(['labels', 'annotations', 'startsAt'])
})

describe('the notifier', () => {
  let webhook: Receiver<readonly PostableAlert[]>
  let notifier: Notifier
  let metrics: Metrics
  let active: Alert[]
  let silenced: string[]
  let troubles: Error[]

  beforeEach(async () => {
    webhook = await receiver()
    metrics = new Metrics({ version: 'test' })
    active = []
    silenced = []
    troubles = []
  })
  afterEach(async () => {
    await notifier.stop()
    await webhook.close()
  })

  async function started(options: Partial<NotifierParts> = {}): Promise<void> {
    notifier = new Notifier({
      webhook: webhook.url,
      active: () => active,
      isSilenced: ({ id }) => silenced.includes(id),
      metrics,
      onTrouble: error => troubles.push(error),
      everyMs: 1e6,
      soonMs: 0,
      ...options
    })
    await notifier.start()
  }

  const ids = (told: readonly PostableAlert[]): string[] =>
    told.map(({ annotations, endsAt }) => `${annotations.earshot_id}${endsAt === undefined ? '' : ' over'}`)
  const has = (wanted: string) => (told: readonly PostableAlert[]) => ids(told).includes(wanted)

  it('tells soon what starts and ends, together what comes together, an end once', async () => {
    await started()
    active = [alert('a'), alert('b')]
    const start = webhook.next(has('a'))
    for (const each of active) notifier.note(each)
    expect(ids(await start)).toEqual(['a', 'b'])
    active = [alert('b')]
    const end = webhook.next(has('a over'))
    notifier.note(ended(alert('a')))
    expect(ids(await end)).toEqual(['a over', 'b'])
    const next = webhook.next(() => true)
    notifier.note(alert('b'))
    expect(ids(await next)).toEqual(['b'])
  })

  it('tells again and again what lasts', async () => {
    active = [alert('a')]
    await started({ everyMs: 5 })
    await webhook.next(has('a'))
    await webhook.next(has('a'))
  })

  it('tells nothing of what is silenced, neither its end', async () => {
    await started()
    silenced = ['a']
    active = [alert('a'), alert('b')]
    const first = webhook.next(() => true)
    notifier.note(alert('a'))
    expect(ids(await first)).toEqual(['b'])
    const second = webhook.next(() => true)
    notifier.note(ended(alert('a')))
    expect(ids(await second)).toEqual(['b'])
  })

  it('keeps an end for a webhook that is away, says so once, and counts', async () => {
    webhook.answers(503)
    await started({ everyMs: 5 })
    notifier.note(ended(alert('a')))
    for (let tries = 0; tries < 3; tries++) await webhook.next(has('a over'))
    webhook.answers(200)
    await webhook.next(has('a over'))
    active = [alert('b')]
    expect(ids(await webhook.next(told => !has('a over')(told)))).toEqual(['b'])
    expect(troubles.map(({ message, cause }) => `${message}: ${(cause as Error).message}`)).toEqual([
      'Alerts are not told to the webhook: it answered 503'
    ])
    const text = await metrics.prometheusText()
    expect(text).toMatch(/earshot_webhook_requests_total\{result="failed"\} [3-9]/)
    expect(text).toMatch(/earshot_webhook_requests_total\{result="taken"\} [1-9]/)
  })

  it('does not repeat an end that is refused for good', async () => {
    webhook.answers(400)
    await started({ everyMs: 5 })
    notifier.note(ended(alert('a')))
    await webhook.next(has('a over'))
    active = [alert('b')]
    await webhook.next(told => ids(told).join() === 'b')
  })

  it('tells nothing any more once it is stopped', async () => {
    await started()
    active = [alert('a')]
    notifier.note(alert('a'))
    await notifier.stop()
    notifier.note(alert('a'))
    await new Promise(setImmediate)
    expect(webhook.told).toEqual([])
  })
})

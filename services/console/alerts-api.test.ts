import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { fastify, type InjectOptions } from 'fastify'
import { LocalLog } from '@earshot/bus'
import type { Alert } from '@earshot/peers'
import { SqliteStore } from '@earshot/store'
import { epochMicros, plus, seconds } from '@earshot/units'
import { decisions, decisionsGroup } from '../monitor/decisions-stage.ts'
import { DecisionsView } from '../monitor/decisions-view.ts'
import { topics } from '../pipeline.ts'
import type { Identity } from './access/identity.ts'
import { alertsApi } from './alerts-api.ts'

const noon = epochMicros(1_767_225_600e6)

const alert: Alert = {
  id: 'a',
  kind: 'allow_drop',
  peer: 'far',
  method: 'UPDATE',
  severity: 'warning',
  startedAt: noon,
  raisedAt: noon,
  summary: 'far lists UPDATE no more',
  evidence: {},
  advice: '',
  runbook: 'allow-drop'
}
const over: Alert = { ...alert, id: 'b', endedAt: plus(noon, seconds(1)) }

/** A console and a monitor over one log. */
class TestApi {
  now = noon
  identity: Identity = { by: 'loopback' }
  readonly log = new LocalLog({ topics: { [topics.commands]: 1 } })
  readonly stage = decisions(this.log, error => {
    throw error
  })
  readonly view = new DecisionsView({ log: this.log, now: () => this.now })
  readonly app = fastify()

  async start(): Promise<this> {
    await this.log.start()
    await this.stage.start()
    await this.view.start()
    const figures = { alerts: () => [alert, over], watermark: noon } as never
    this.app.decorateRequest('identity', undefined)
    this.app.addHook('onRequest', async request => void (request.identity = this.identity))
    const store = new SqliteStore(undefined)
    void this.app.register(async scope =>
      alertsApi(scope, { figures, decisions: this.view, log: this.log, store, now: () => this.now })
    )
    return this
  }

  async stop(): Promise<void> {
    await this.app.close()
    await this.view.stop()
    await this.stage.stop()
    await this.log.stop()
  }

  /** The answer, once what was commanded holds. */
  async ask(request: InjectOptions): Promise<{ status: number; body: object }> {
    const { statusCode, body } = await this.app.inject(request)
    await this.log.worked(topics.commands, decisionsGroup)
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    return { status: statusCode, body: JSON.parse(body) as object }
  }

  async alerts(): Promise<object> {
    return (await this.ask({ url: '/api/alerts' })).body
  }
}

describe('what people do about alerts', () => {
  let test: TestApi
  beforeEach(async () => {
    test = await new TestApi().start()
  })
  afterEach(() => test.stop())

  const silence = (payload: object): InjectOptions => ({ method: 'POST', url: '/api/silences', payload })
  const untilOne = '2026-01-01T01:00:00Z'

  it('is seen at the alert that it is about', async () => {
    const acknowledge = { method: 'POST', url: '/api/alerts/a/acknowledge' } as const
    expect(await test.ask({ ...acknowledge, payload: { by: ' ann ', note: 'called them' } })).toMatchObject({
      status: 202,
      body: { id: 'a' }
    })
    const { body } = await test.ask(silence({ peer: 'far', kind: 'allow_drop', until: untilOne, by: 'bob' }))
    const at = '2026-01-01T00:00:00.000Z'
    const silenced = { ...body, peer: 'far', kind: 'allow_drop', by: 'bob', at, until: '2026-01-01T01:00:00.000Z' }
    expect(await test.alerts()).toMatchObject({
      active: [{ id: 'a', acknowledged: { by: 'ann', at, note: 'called them' }, silence: silenced }],
      recent: [{ id: 'b' }],
      silences: [silenced]
    })
  })

  it('is told in the name of who is known to ask', async () => {
    test.identity = { name: 'ann', by: 'token' }
    await test.ask({ method: 'POST', url: '/api/alerts/a/acknowledge', payload: { by: 'somebody else' } })
    await test.ask(silence({ peer: 'far', until: untilOne }))
    expect(await test.alerts()).toMatchObject({ active: [{ acknowledged: { by: 'ann' }, silence: { by: 'ann' } }] })
  })

  it('a silence ends by its time, or when it is ended; the same one given again is one', async () => {
    const first = await test.ask(silence({ peer: 'far', until: untilOne, by: 'bob' }))
    expect(await test.ask(silence({ peer: 'far', until: untilOne, by: 'bob' }))).toEqual(first)
    expect(await test.alerts()).toMatchObject({ silences: [first.body] })
    const end = { method: 'DELETE', url: `/api/silences/${(first.body as { id: string }).id}` } as const
    expect((await test.ask(end)).status).toBe(202)
    expect(await test.alerts()).toMatchObject({ silences: [] })
    expect((await test.ask(end)).status).toBe(404)
    await test.ask(silence({ kind: 'spike', until: untilOne, by: 'bob' }))
    test.now = plus(noon, seconds(3600))
    expect(await test.alerts()).toMatchObject({ silences: [] })
  })

  it.each([
    { name: 'no alert of that id', status: 404, url: '/api/alerts/none/acknowledge', payload: { by: 'ann' } },
    { name: 'nobody', status: 400, url: '/api/alerts/a/acknowledge', payload: { by: ' ' } },
    { name: 'no body', status: 400, url: '/api/alerts/a/acknowledge' },
    { name: 'more than is known', status: 400, url: '/api/alerts/a/acknowledge', payload: { by: 'ann', age: 1 } },
    { name: 'a silence of everything', status: 400, payload: { until: untilOne, by: 'ann' } },
    { name: 'a silence of no kind', status: 400, payload: { kind: 'noise', until: untilOne, by: 'ann' } },
    { name: 'a silence without an end', status: 400, payload: { peer: 'far', by: 'ann' } },
    { name: 'a silence that is over', status: 400, payload: { peer: 'far', until: '2025-01-01T00:00:00Z', by: 'ann' } },
    { name: 'what a form of another site sends', status: 415, payload: 'a=b', type: 'text/plain' },
    { name: 'what another form sends', status: 415, payload: 'a=b', type: 'application/x-www-form-urlencoded' }
  ])('refuses $name', async ({ status, url = '/api/silences', payload, type }) => {
    const answer = await test.ask({
      method: 'POST',
      url,
      ...(payload !== undefined && { payload }),
      ...(type && { headers: { 'content-type': type } })
    })
    expect(answer.status).toBe(status)
    expect(await test.alerts()).toMatchObject({ silences: [] })
  })
})

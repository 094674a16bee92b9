import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { Alert } from '@earshot/peers'
import { Metrics } from '@earshot/telemetry'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { describeWith } from '../../test/describe-tools.ts'
import { freePort } from '../earshot/prometheus/free-port.ts'
import { Notifier } from './notifier.ts'
import { receiver, type Receiver } from './webhook.fixture.ts'

const command = 'prometheus-alertmanager'

/** What Alertmanager sends to its own webhook receiver. */
type Notification = {
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved'
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }[]
}

/** The real one, which sends to `webhook`, and ends after a second what nobody repeats. */
class Alertmanager {
  url = ''
  #folder = ''
  #process: ChildProcess | undefined

  async start(webhook: string): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'alertmanager-'))
    const config = join(this.#folder, 'config.json')
    const timing = { group_wait: '100ms', group_interval: '200ms', repeat_interval: '1h' }
    await writeFile(
      config,
      JSON.stringify({
        global: { resolve_timeout: '1s' },
        route: { receiver: 'noc', group_by: ['...'], ...timing },
        receivers: [{ name: 'noc', webhook_configs: [{ url: webhook, send_resolved: true }] }]
      })
    )
    const address = `127.0.0.1:${await freePort()}`
    this.url = `http://${address}`
    this.#process = spawn(
      command,
      [
        `--config.file=${config}`,
        `--storage.path=${join(this.#folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--cluster.listen-address='
      ],
      { stdio: 'ignore' }
    )
    this.#process.on('error', () => undefined)
    while (!(await fetch(`${this.url}/-/ready`).catch(() => undefined))?.ok) {
      if (this.#process.pid === undefined || this.#process.exitCode !== null) throw new Error(`${command} does not run`)
      await pause(50)
    }
  }

  /** Peers of the alerts that it has as active. */
  async active(): Promise<string[]> {
    const response = await fetch(`${this.url}/api/v2/alerts?active=true`)
    const alerts = (await response.json()) as { readonly labels: { readonly peer: string } }[]
    return alerts.map(({ labels }) => labels.peer).sort()
  }

  async stop(): Promise<void> {
    if (this.#process?.pid !== undefined && this.#process.exitCode === null) {
      this.#process.kill()
      await once(this.#process, 'exit')
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}

const now = (): EpochMicros => epochMicros(Date.now() * 1e3)

const alert = (peer: string): Alert => ({
  id: peer,
  kind: 'allow_drop',
  peer,
  method: 'UPDATE',
  severity: 'warning',
  startedAt: now(),
  raisedAt: now(),
  summary: `${peer} lists UPDATE no more`,
  evidence: { source: 'options' },
  advice: 'use re-INVITE',
  runbook: 'allow-drop'
})

describeWith(command)('Alertmanager', () => {
  const alertmanager = new Alertmanager()
  let noc: Receiver<Notification>
  let notifier: Notifier
  let metrics: Metrics
  let active: Alert[]
  let silenced: string[]

  beforeEach(async () => {
    noc = await receiver()
    await alertmanager.start(noc.url)
    active = []
    silenced = []
    metrics = new Metrics({ version: 'test' })
    notifier = new Notifier({
      webhook: `${alertmanager.url}/api/v2/alerts`,
      pageUrl: 'http://127.0.0.1:8080',
      active: () => active,
      isSilenced: ({ peer }) => silenced.includes(peer),
      metrics,
      onTrouble: error => {
        throw error
      },
      everyMs: 100,
      soonMs: 0
    })
    await notifier.start()
  }, 30_000)
  afterEach(async () => {
    await notifier.stop()
    await alertmanager.stop()
    await noc.close()
  })

  const told = (peer: string, status: string): Promise<Notification> =>
    noc.next(({ alerts }) => alerts.some(each => each.labels.peer === peer && each.status === status))
  const taken = async (): Promise<number> =>
    Number(/result="taken"\} (\d+)/.exec(await metrics.prometheusText())?.[1] ?? 0)

  it('takes an alert, keeps it for as long as it lasts, and ends it when it is over', async () => {
    const firing = told('far', 'firing')
    const raised = alert('far')
    active = [raised]
    notifier.note(raised)
    expect((await firing).alerts).toMatchObject([
      {
        labels: { alertname: 'EarshotAllowDrop', kind: 'allow_drop', method: 'UPDATE', severity: 'warning' },
        annotations: { runbook_url: 'http://127.0.0.1:8080/runbooks/allow-drop', description: 'use re-INVITE' }
      }
    ])
    // Three times as long as it waits for a repetition.
    while ((await taken()) < 30) await pause(50)
    expect(await alertmanager.active()).toEqual(['far'])
    expect(noc.told).toHaveLength(1)
    const resolved = told('far', 'resolved')
    active = []
    notifier.note({ ...raised, endedAt: now() })
    await resolved
    expect(await alertmanager.active()).toEqual([])
  }, 30_000)

  it('is told nothing of what is silenced, and ends what is silenced later', async () => {
    silenced = ['hushed']
    const firing = told('far', 'firing')
    active = [alert('hushed'), alert('far')]
    for (const each of active) notifier.note(each)
    await firing
    expect(await alertmanager.active()).toEqual(['far'])
    const resolved = told('far', 'resolved')
    silenced = ['hushed', 'far']
    await resolved
    const heard = told('hushed', 'firing')
    silenced = ['far']
    await heard
    expect(await alertmanager.active()).toEqual(['hushed'])
  }, 30_000)
})

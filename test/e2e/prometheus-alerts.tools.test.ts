import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { carrierPeers } from '@earshot/traffic'
import { parse } from 'yaml'
import { rulesFile } from '../../dashboards/src/rules/files.ts'
import { ruleGroups } from '../../dashboards/src/rules/index.ts'
import { defaultThresholds } from '../../dashboards/src/rules/options.ts'
import { playCarriers } from '../../services/earshot/carriers-live.ts'
import { freePort } from '../../services/earshot/prometheus/free-port.ts'
import { installed, Program } from '../../services/earshot/prometheus/program.ts'
import { receiver, type Receiver } from '../../services/monitor/webhook.fixture.ts'
import { describeWith } from '../describe-tools.ts'
import { RunningEarshot } from '../earshot.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** A quarter of an hour is half a minute. */
const PACE = 1 / 30
/**
 * What such short windows hold: at first of all attempts only those that fail at once are over. What a busy machine does to
 * this process is not the matter here.
 */
const thresholds = {
  ...defaultThresholds,
  congestion: 0.25,
  leastAttempts: 25,
  leastEarlyMedia: 15,
  leastRejections: 20,
  eventLoopDelay: 10,
  clockOffset: 10
}
const traffic = { attemptsPerSecond: 25, incidentsAfterSeconds: 30, medianTalkSeconds: 20 }

const example = join(import.meta.dirname, '../../deploy/alertmanager/alertmanager.yml')
const alertmanager = installed('prometheus-alertmanager')
const prometheus = installed('prometheus')

/** What Alertmanager tells a webhook. */
type Notification = {
  readonly receiver: string
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved'
    readonly labels: Readonly<Record<string, string>>
  }[]
}

describeWith('prometheus', 'prometheus-alertmanager')('Prometheus and Alertmanager', () => {
  const folder = temporaryFolder()
  const written = (name: string, content: string): string => {
    const file = join(folder, name)
    writeFileSync(file, content)
    return file
  }

  it('tell a webhook of everything that is wrong in the traffic of the demo, and of nothing else', async () => {
    const stopping = new AbortController()
    const webhook = await receiver<Notification>()
    const peers = written('peers.yaml', JSON.stringify({ peers: carrierPeers }))
    const earshot = await RunningEarshot.up('--memory', '--peers-file', peers)
    const failures: Error[] = []
    const chain = await watch(earshot.url, webhook.url, error => failures.push(error))
    try {
      await chain.start()
      const playing = playCarriers({ host: '127.0.0.1', port: earshot.ports.tcp }, traffic, stopping.signal).catch(
        (error: unknown) => (stopping.signal.aborted ? undefined : Promise.reject(error as Error))
      )
      await toldOf(webhook, wrong)
      await until(async () => (await chain.inhibited()).includes(impliedByRegression))
      expect(receiversOf(webhook, 'EarshotMethodRegression')).toEqual(['noc', 'wholesale'])
      expect(receiversOf(webhook, 'EarshotMethodRejected Iberia Voice INFO')).toEqual(['noc'])

      stopping.abort()
      await playing
      await toldOf(webhook, [...wrong, 'EarshotNoPackets'])
      await until(
        async () => (await chain.inhibited()).filter(each => each.startsWith('EarshotPeerSilent')).length === 5
      )
      expect(receiversOf(webhook, 'EarshotNoPackets')).toEqual(['platform'])
      // It may have been told of before the regression was, which takes the monitor some seconds.
      expect(told(webhook).filter(each => each !== impliedByRegression)).toEqual([...wrong, 'EarshotNoPackets'].sort())
      expect(failures).toEqual([])
    } finally {
      stopping.abort()
      await chain.stop()
      await earshot.end('SIGTERM')
      await webhook.close()
    }
  }, 420_000)

  /** The two over what is told at that address, with the rules, routes and inhibitions as they are shipped, but faster. */
  async function watch(scraped: string, webhook: string, onFailure: (error: Error) => void) {
    const [alertmanagerAt, prometheusAt] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
    const { route, receivers, inhibit_rules } = parse(readFileSync(example, 'utf8')) as Example
    const timing = { group_wait: '1s', group_interval: '1s', repeat_interval: '1h' }
    const routes = written(
      'alertmanager.json',
      JSON.stringify({
        route: { ...route, ...timing, routes: route.routes.map(each => ({ ...each, ...timing })) },
        inhibit_rules,
        receivers: receivers.map(({ name }) => ({ name, webhook_configs: [{ url: webhook, send_resolved: false }] }))
      })
    )
    const config = written(
      'prometheus.json',
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: [written('rules.yaml', rulesFile(ruleGroups({ pace: PACE, thresholds })))],
        scrape_configs: [{ job_name: 'earshot', static_configs: [{ targets: [new URL(scraped).host] }] }],
        alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanagerAt] }] }] }
      })
    )
    const programs = [
      new Program('Alertmanager', {
        command: alertmanager!,
        args: [
          `--config.file=${routes}`,
          `--storage.path=${join(folder, 'alertmanager')}`,
          `--web.listen-address=${alertmanagerAt}`,
          '--cluster.listen-address='
        ],
        readyAt: `http://${alertmanagerAt}/-/ready`,
        onFailure
      }),
      new Program('Prometheus', {
        command: prometheus!,
        args: [
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(folder, 'prometheus')}`,
          `--web.listen-address=${prometheusAt}`,
          '--rules.alert.resend-delay=2s'
        ],
        readyAt: `http://${prometheusAt}/-/ready`,
        onFailure
      })
    ]
    return {
      async start() {
        for (const program of programs) await program.start()
      },
      async stop() {
        for (const program of programs) await program.stop()
      },
      /** What Alertmanager has and does not tell, because something else is told. */
      async inhibited(): Promise<string[]> {
        const response = await fetch(`http://${alertmanagerAt}/api/v2/alerts?inhibited=true&active=false`)
        const alerts = JSON.parse(await response.text()) as { readonly labels: Record<string, string> }[]
        return alerts.map(({ labels }) => inShort(labels)).sort()
      }
    }
  }
})

type Example = {
  readonly route: { readonly routes: readonly object[] }
  readonly receivers: readonly { readonly name: string }[]
  readonly inhibit_rules: readonly object[]
}

/** Atlas Transit rejects UPDATE since lately; nobody answers at Pacific Carrier; Iberia Voice never took INFO. */
const wrong = [
  'EarshotAnswerSeizureRatioLow Pacific Carrier outbound',
  'EarshotEarlyMediaAnswersLow Pacific Carrier outbound',
  'EarshotMethodRegression Atlas Transit UPDATE',
  'EarshotMethodRejected Iberia Voice INFO'
]

const impliedByRegression = 'EarshotMethodRejected Atlas Transit UPDATE'

const inShort = ({ alertname, peer, direction, method }: Readonly<Record<string, string>>): string =>
  [alertname, peer, direction, method].filter(each => each !== undefined).join(' ')

/** Alerts that the webhook has been told of, each once. */
const told = ({ told }: Receiver<Notification>): string[] => [
  ...new Set(told.flatMap(({ alerts }) => alerts.map(({ labels }) => inShort(labels))).sort())
]

const receiversOf = ({ told }: Receiver<Notification>, alert: string): string[] => [
  ...new Set(
    told
      .filter(({ alerts }) => alerts.some(({ labels }) => inShort(labels).startsWith(alert)))
      .map(each => each.receiver)
      .sort()
  )
]

/** Resolves when it was told of all of these; what else it was told of is for the test to see. */
async function toldOf(webhook: Receiver<Notification>, alerts: readonly string[]): Promise<void> {
  await until(() => alerts.every(each => told(webhook).includes(each))).catch(() =>
    expect(told(webhook)).toEqual([...alerts].sort())
  )
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 180_000
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it did not come to that in 180 s')
    await pause(200)
  }
}

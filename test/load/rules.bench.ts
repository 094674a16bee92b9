// What the rules cost a Prometheus, where so many peers have calls in both directions. node test/load/rules.bench.ts [peers] [minutes]
// Windows of a quarter of an hour are full after 15 minutes only; the machine has to be quiet.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { catalogue, Metrics } from '@earshot/telemetry'
import { freePort } from '../../services/earshot/prometheus/free-port.ts'
import { Program } from '../../services/earshot/prometheus/program.ts'

const peers = Array.from({ length: Number(process.argv[2] ?? 5000) }, (_, index) => `carrier-${index}`)
const INTERVAL_SECONDS = 15
const EVALUATIONS = (Number(process.argv[3] ?? 16) * 60) / INTERVAL_SECONDS

const started = performance.now()
const rows = peers.flatMap(peer => ['inbound', 'outbound'].map(direction => ({ peer, direction })))
/** As many as the metric has room for. */
const parts = ['judged', 'establishable', 'seizures', 'network_effective', 'early_media', 'early_media_abandoned']
const delayed = rows.slice(0, catalogue.sessionRequestDelay.maxSeries / 2)

/** All rows have had so many attempts; every fourth has early media, and so on. */
const attempts = (): number => Math.round((performance.now() - started) / 100)

const metrics = new Metrics({ version: 'bench' })
metrics.observe(catalogue.ratioParts, tell => {
  for (const row of rows) {
    for (const part of parts) tell(attempts(), { ...row, part })
  }
})
metrics.observe(catalogue.attempts, tell => {
  for (const row of rows) {
    for (const outcome of ['answered', 'busy', 'cancelled', 'no_answer']) {
      for (const earlyClass of ['early_media', 'ringing']) tell(attempts(), { ...row, class: earlyClass, outcome })
    }
  }
})
metrics.observe(catalogue.rejections, tell => {
  for (const row of rows) tell(attempts(), { ...row, method: 'UPDATE', code: '501' })
})
metrics.observe(catalogue.peerInfo, tell => {
  for (const peer of peers) tell(1, { peer, group: 'Wholesale' })
})

const server = createServer((_, response) => {
  for (const row of delayed) metrics.record(catalogue.sessionRequestDelay, 1, { ...row, result: 'success' })
  void metrics.prometheusText().then(text => response.setHeader('content-type', 'text/plain').end(text))
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'))
const address = `127.0.0.1:${await freePort()}`
const interval = `${INTERVAL_SECONDS}s`
const config = join(folder, 'prometheus.json')
writeFileSync(
  config,
  JSON.stringify({
    global: { scrape_interval: interval, evaluation_interval: interval },
    rule_files: [join(import.meta.dirname, '../../dashboards/generated/rules/earshot.yaml')],
    scrape_configs: [
      { job_name: 'earshot', static_configs: [{ targets: [`127.0.0.1:${(server.address() as AddressInfo).port}`] }] },
      { job_name: 'prometheus', static_configs: [{ targets: [address] }] }
    ]
  })
)
const prometheus = new Program('Prometheus', {
  command: 'prometheus',
  args: [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`],
  readyAt: `http://${address}/-/ready`,
  onFailure: error => {
    throw error
  }
})
await prometheus.start()
try {
  await pause(EVALUATIONS * INTERVAL_SECONDS * 1e3)
  const ask = async (expression: string): Promise<[group: string, value: number][]> => {
    const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`)
    const { data } = (await response.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] }
    }
    return data.result.map(({ metric, value }) => [(metric.rule_group ?? '').split(';').at(-1)!, Number(value[1])])
  }
  console.table({
    peers: peers.length,
    'series scraped': (await ask('max_over_time(scrape_samples_scraped{job="earshot"}[5m])'))[0]?.[1],
    'series recorded': (await ask('count({__name__=~".+:earshot_.+:.+"})'))[0]?.[1],
    ...Object.fromEntries(
      (await ask('max_over_time(prometheus_rule_group_last_duration_seconds[5m])')).map(([group, seconds]) => [
        `${group}, longest evaluation`,
        `${seconds.toFixed(2)} s`
      ])
    ),
    'CPU-seconds for each round of rules and scrape': (
      (await ask('process_cpu_seconds_total{job="prometheus"}'))[0]![1] / EVALUATIONS
    ).toFixed(2),
    'resident memory': `${((await ask('process_resident_memory_bytes{job="prometheus"}'))[0]![1] / 1e6).toFixed(0)} MB`
  })
} finally {
  await prometheus.stop()
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
}

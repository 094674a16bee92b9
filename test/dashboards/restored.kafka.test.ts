import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, it } from '@jest/globals'
import { askedBy } from '../../dashboards/src/asked.fixture.ts'
import { pipeline } from '../../dashboards/src/boards/pipeline.ts'
import { Cluster } from '../cluster.ts'
import { describeKafka } from '../describe-kafka.ts'
import { PrometheusServer, type Answered } from '../prometheus-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

describeKafka('roles that restored their state from Kafka', () => {
  const folder = temporaryFolder()
  let cluster: Cluster
  let prometheus: PrometheusServer

  beforeAll(async () => {
    const size = { nodes: 1, partitions: 1, collectors: 1, correlators: 1, monitors: 1 }
    cluster = await Cluster.start(size, folder)
    const targets = cluster.all().map(({ running }) => new URL(running.url).host)
    prometheus = await PrometheusServer.start(folder, {
      global: { scrape_interval: '500ms', scrape_timeout: '500ms' },
      scrape_configs: [{ job_name: 'earshot', static_configs: [{ targets }] }]
    })
  }, 240_000)

  afterAll(async () => {
    await prometheus?.end()
    await cluster?.stop()
  }, 60_000)

  it.each(['Time to restore', 'Lag by group'])(
    'fill the panel %s',
    async title => {
      const { expression } = askedBy(pipeline).find(({ panel }) => panel === title)!
      const isOfMonitor = ({ metric, values }: Answered): boolean =>
        metric['group'] === 'monitor' && values.some(([, value]) => Number.isFinite(value))
      while (!(await prometheus.query(expression, Date.now() / 1e3)).some(isOfMonitor)) await pause(200)
    },
    60_000
  )
})

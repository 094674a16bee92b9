import { join } from 'node:path'
import { LocalLog } from '@earshot/bus'
import { emptyRegistry, partiesOf, watchRegistry, type Registry } from '@earshot/peers'
import { assemble, createLogger, httpServer, type Component, type Config, type Logger } from '@earshot/runtime'
import { Metrics, processMetrics } from '@earshot/telemetry'
import { collector } from '../collector/collector.ts'
import { console } from '../console/api.ts'
import { correlator } from '../correlator/correlator.ts'
import { monitor } from '../monitor/monitor.ts'
import { topics } from '../pipeline.ts'
import { limitsOf } from './settings.ts'
import { version } from './version.ts'

export type Up = Component & {
  readonly url: string
  readonly ports: { readonly udp: number; readonly tcp: number }
}

/** Everything in one process, over a local log. Its parts hand on to each other only through that log. */
export function up(config: Config, onFailure: (error: Error) => void, peers: Registry = emptyRegistry): Up {
  const logger = createLogger({ level: config.logLevel })
  const metrics = new Metrics({ version })
  let registry = peers
  const log = new LocalLog({
    ...(!config.memory && { path: join(config.dataDir, 'log.sqlite') }),
    topics: { [topics.packets]: 1, [topics.calls]: 1 },
    retention: { ageMs: config.retention.hours * 3600e3, bytes: config.retention.bytes }
  })

  const monitoring = monitor({ log, metrics, registry: () => registry, maxPeers: config.maxPeers, onFailure })
  const correlating = correlator({ log, parties: partiesOf(() => registry), limits: limitsOf(config), onFailure })
  const collecting = collector({ config, log, metrics, onFailure })
  const ready = new Set<string>()
  const parts = [monitoring, correlating, collecting]
  const http = httpServer({
    ...config.http,
    logger,
    health: () =>
      parts.map(({ name }) => ({ name, ready: ready.has(name), ...(!ready.has(name) && { reason: 'starting' }) })),
    metrics: () => metrics.prometheusText()
  })
  console(http.app, {
    monitor: monitoring,
    collector: collecting,
    registry: () => registry
  })
  const whole = assemble('earshot', [
    log,
    processMetrics(metrics),
    ...(config.peersFile ? [registryOf(config.peersFile, logger, loaded => (registry = loaded))] : []),
    http,
    ...parts.map(part => marked(part, ready))
  ])
  return {
    name: 'earshot',
    async start() {
      await whole.start()
      logger.info(
        { hep: collecting.ports, http: http.url, log: config.memory ? 'memory' : config.dataDir },
        'listening'
      )
    },
    async stop() {
      await whole.stop()
      logger.info('stopped; everything accepted is in the log and counted')
    },
    get url() {
      return http.url
    },
    get ports() {
      return collecting.ports
    }
  }
}

function registryOf(file: string, logger: Logger, onChange: (registry: Registry) => void): Component {
  return watchRegistry(
    file,
    registry => {
      onChange(registry)
      logger.info({ file, peers: registry.entries.length, version: registry.version }, 'peer registry loaded')
    },
    error => logger.error({ file }, `the peer registry was not reloaded: ${error.message}`)
  )
}

/** Notes in `ready` while the component runs. */
const marked = (component: Component, ready: Set<string>): Component => ({
  name: component.name,
  async start() {
    await component.start()
    ready.add(component.name)
  },
  async stop() {
    ready.delete(component.name)
    await component.stop()
  }
})

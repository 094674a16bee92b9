import { statSync } from 'node:fs'
import { join } from 'node:path'
import { LocalLog } from '@earshot/bus'
import { emptyRegistry, partiesOf, watchRegistry, type Registry } from '@earshot/peers'
import { assemble, createLogger, httpServer, type Component, type Config, type Logger } from '@earshot/runtime'
import { catalogue, Metrics, processMetrics } from '@earshot/telemetry'
import { collector } from '../collector/collector.ts'
import { console, isLoopback, refuse } from '../console/api.ts'
import { correlator } from '../correlator/correlator.ts'
import { monitor } from '../monitor/monitor.ts'
import { observeLag } from '../monitor/observe-lag.ts'
import { topics } from '../pipeline.ts'
import { failureLines } from './failure.ts'
import { limitsOf } from './settings.ts'
import { version } from './version.ts'

export type Up = Component & {
  readonly url: string
  readonly ports: { readonly udp: number; readonly tcp: number }
}

/** Everything in one process, over a local log. Its parts hand on to each other only through that log. */
export function up(config: Config, whenFailed: (error: Error) => void, peers: Registry = emptyRegistry): Up {
  const logger = createLogger({ level: config.logLevel })
  const metrics = new Metrics({ version })
  let registry = peers
  let failed = false
  const onFailure = (error: Error): void => {
    failed = true
    logger.error({ causes: failureLines(error).slice(1) }, error.message)
    whenFailed(error)
  }
  const file = config.memory ? undefined : join(config.dataDir, 'log.sqlite')
  const log = new LocalLog({
    ...(file !== undefined && { path: file }),
    topics: { [topics.packets]: 1, [topics.calls]: 1 },
    retention: { ageMs: config.retention.hours * 3600e3, bytes: config.retention.bytes }
  })

  const monitoring = monitor({ log, metrics, registry: () => registry, maxPeers: config.maxPeers, onFailure })
  const correlating = correlator({ log, parties: partiesOf(() => registry), limits: limitsOf(config), onFailure })
  const collecting = collector({ config, log, metrics, onFailure })
  const refreshLag = observeLag(metrics, log)
  const ready = new Set<string>()
  const parts = [monitoring, correlating, collecting]
  const http = httpServer({
    ...config.http,
    logger,
    health: () =>
      parts.map(({ name }) => ({ name, ready: ready.has(name), ...(!ready.has(name) && { reason: 'starting' }) })),
    metrics: async () => {
      await refreshLag()
      return metrics.prometheusText()
    }
  })
  if (isLoopback(config.http.host)) {
    console(http.app, { monitor: monitoring, collector: collecting, registry: () => registry })
  } else {
    logger.warn({ host: config.http.host }, 'the page and the API are not served on another address than loopback')
    refuse(http.app)
  }
  metrics.observe(catalogue.logBytes, tell => {
    if (file !== undefined) tell(sizeOf(file))
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
      if (failed) logger.warn('stopped after a failure')
      else logger.info(config.memory ? 'stopped' : 'stopped; what was accepted is in the log')
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

/** Of the log and what SQLite has written ahead of it. */
const sizeOf = (file: string): number =>
  [file, `${file}-wal`].reduce((sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0)

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

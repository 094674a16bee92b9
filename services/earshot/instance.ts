import type { Log } from '@earshot/bus'
import { tellsOfLegs } from '@earshot/calls'
import { emptyRegistry, partiesOf, watchRegistry, type Alert, type Registry } from '@earshot/peers'
import {
  assemble,
  createLogger,
  httpServer,
  type Component,
  type Config,
  type Logger,
  type Readiness
} from '@earshot/runtime'
import { Metrics, processMetrics } from '@earshot/telemetry'
import { collector, systemTime, type Collector } from '../collector/collector.ts'
import { AgentsView } from '../console/agents-view.ts'
import { accessOf } from '../console/access/rules.ts'
import { console } from '../console/api.ts'
import { correlator } from '../correlator/correlator.ts'
import { legs } from '../correlator/legs.ts'
import { decisions } from '../monitor/decisions-stage.ts'
import { DecisionsView } from '../monitor/decisions-view.ts'
import { monitor } from '../monitor/monitor.ts'
import { Notifier } from '../monitor/notifier.ts'
import { observeDecisions } from '../monitor/observe-detection.ts'
import { observeLag } from '../monitor/observe-lag.ts'
import { MonitorView } from '../monitor/view.ts'
import { openStore } from '../recorder/open-store.ts'
import { recorder, type Recorder } from '../recorder/recorder.ts'
import { failureLines } from './failure.ts'
import { legHeadersIn, limitsOf } from './settings.ts'
import { version } from './version.ts'

/** What a process can do; `up` does all of it. */
export const roles = ['collector', 'correlator', 'monitor', 'recorder', 'console'] as const
export type Role = (typeof roles)[number]

export type Instance = Component & {
  readonly url: string
  /** Where HEP is received; undefined without a collector. */
  readonly ports: Collector['ports'] | undefined
}

/** The log that an instance works on. */
export type Backing = {
  readonly log: Log & Component
  /** It can be away while this machine is not. */
  readonly remote: boolean
  /** What people call it. */
  readonly place: string
}

export type InstanceParts = {
  readonly config: Config
  readonly roles: readonly Role[]
  readonly backing: (parts: { readonly logger: Logger; readonly metrics: Metrics }) => Backing
  /** In place of a registry file. */
  readonly peers?: Registry
  /** Told when a part fails for good. */
  readonly whenFailed: (error: Error) => void
}

/**
 * One process of Earshot: its roles over a log, the only way by which they hand on to each other, here or elsewhere. It
 * serves /healthz, /readyz and /metrics; as a console the page and the API too.
 */
export function instance({
  config,
  roles: played,
  backing,
  peers = emptyRegistry,
  whenFailed
}: InstanceParts): Instance {
  const logger = createLogger({ level: config.logLevel })
  const metrics = new Metrics({ version })
  const { log, remote, place } = backing({ logger, metrics })
  let registry = peers
  let failed = false
  const onFailure = (error: Error): void => {
    failed = true
    logger.error({ causes: failureLines(error).slice(1) }, error.message)
    whenFailed(error)
  }
  const onTrouble = (error: Error): void => logger.error({ causes: failureLines(error).slice(1) }, error.message)

  let collecting: Collector | undefined
  let recording: Recorder | undefined
  const store = openStore(config)
  const refreshLag = observeLag(metrics, log)
  const ready = new Set<string>()
  const health = (): Readiness[] => parts.map(({ name }) => readiness(name, ready.has(name), { collecting, recording }))
  const http = httpServer({
    ...config.http,
    logger,
    health,
    metrics: async () => {
      await refreshLag()
      return metrics.prometheusText()
    }
  })

  const decided = new DecisionsView({ log, now: systemTime, onTrouble })
  const make: Readonly<Record<Role, () => readonly Component[]>> = {
    console: () => {
      const figures = new MonitorView({ log, onTrouble })
      const agents = new AgentsView({ log, now: systemTime, onTrouble })
      const access = accessOf(config, onTrouble)
      const { loopback, tokens, userHeader } = access.rules()
      if (!loopback && !tokens && !userHeader) {
        logger.warn({ host: config.http.host }, 'the page and the API answer nobody here until access is controlled')
      }
      console(http.app, {
        figures,
        agents,
        decisions: decided,
        log,
        store,
        minuteDays: config.store.minuteDays,
        timeZone: config.timezone,
        now: systemTime,
        registry: () => registry,
        rules: { parties: partiesOf(() => registry), limits: limitsOf(config), legHeaders: legHeadersIn(config) },
        health,
        access: access.rules,
        version
      })
      return [...access.parts, figures, agents]
    },
    recorder: () => {
      recording = recorder({ log, store, config, metrics, now: systemTime, onTrouble, onFailure })
      return [recording]
    },
    monitor: () => {
      const { webhook, pageUrl } = config.alert
      const monitoring = monitor({
        log,
        metrics,
        registry: () => registry,
        maxPeers: config.maxPeers,
        timeZone: config.timezone,
        now: systemTime,
        onFailure,
        onAlert(alert) {
          logAlert(logger, alert)
          notifier?.note(alert)
        }
      })
      const active = (): Alert[] => monitoring.activeAlerts()
      observeDecisions(metrics, active, decided)
      const isSilenced = (alert: Alert): boolean => decided.silenceOf(alert) !== undefined
      const notifier =
        webhook === undefined
          ? undefined
          : new Notifier({ webhook, ...(pageUrl && { pageUrl }), active, isSilenced, metrics, onTrouble })
      return [...(notifier ? [notifier] : []), decisions(log, onFailure), monitoring]
    },
    correlator: () => {
      const [limits, legHeaders] = [limitsOf(config), legHeadersIn(config)]
      return [
        ...(tellsOfLegs(legHeaders) ? [legs({ log, metrics, limits, onFailure })] : []),
        correlator({ log, parties: partiesOf(() => registry), limits, legHeaders, onFailure })
      ]
    },
    collector: () => {
      collecting = collector({ config, log, remote, metrics, logger, onFailure })
      return [collecting]
    }
  }
  // From the sink to the source.
  const parts = [
    ...(played.includes('recorder') || played.includes('console') ? [store] : []),
    ...(played.includes('console') || played.includes('monitor') ? [decided] : []),
    ...[...roles].reverse().flatMap(role => (played.includes(role) ? make[role]() : []))
  ]

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
      logger.info({ roles: played, hep: collecting?.ports, http: http.url, log: place }, 'listening')
    },
    async stop() {
      await whole.stop()
      if (failed) logger.warn('stopped after a failure')
      else logger.info('stopped; what was accepted is in the log')
    },
    get url() {
      return http.url
    },
    get ports() {
      return collecting?.ports
    }
  }
}

/** One line for people and machines. */
function logAlert(logger: Logger, { summary, severity, endedAt, id, kind, peer, method, signal }: Alert): void {
  const about = { alert: id, kind, peer, method, signal, severity }
  if (endedAt === undefined) logger.warn(about, `alert: ${summary}`)
  else logger.info({ ...about, endedAt: new Date(endedAt / 1e3) }, `alert over: ${summary}`)
}

type Troubled = { readonly collecting: Collector | undefined; readonly recording: Recorder | undefined }

function readiness(name: string, started: boolean, { collecting, recording }: Troubled): Readiness {
  const trouble = name === collecting?.name ? collecting.trouble : undefined
  if (!started) return { name, ready: false, reason: trouble?.reason ?? 'starting' }
  const lack = name === recording?.name ? recording.trouble : undefined
  return { name, ready: true, ...trouble, ...(lack !== undefined && { reason: lack }) }
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

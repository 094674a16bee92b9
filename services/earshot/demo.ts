import { assemble, type Config } from '@earshot/runtime'
import { parseRegistry } from '@earshot/peers'
import { carrierPeers } from '@earshot/traffic'
import { playCarriers } from './carriers-live.ts'
import type { Instance } from './instance.ts'
import { Monitoring } from './prometheus/monitoring.ts'
import { up } from './up.ts'

const traffic = { attemptsPerSecond: 8, incidentsAfterSeconds: 60 }

/**
 * `up` with traffic: five carriers, each with its habits; after a minute one starts to reject UPDATE with 501 and
 * at another early media stops being answered. The traffic comes in as everybody's does, by HEP over TCP.
 *
 * @throws ConfigError when it is to run with Prometheus, and that is not installed
 */
export function demo(
  config: Config,
  onFailure: (error: Error) => void,
  { withPrometheus = false }: { readonly withPrometheus?: boolean } = {}
): Instance {
  // JSON is YAML.
  const registry = parseRegistry(JSON.stringify({ peers: carrierPeers }), 'the peers of the demo')
  const everything = up(config, onFailure, registry)
  const monitoring = withPrometheus ? new Monitoring({ pageUrl: () => everything.url, onFailure }) : undefined
  const whole = assemble('demo', [everything, ...(monitoring ? [monitoring] : [])])
  const stopping = new AbortController()
  let playing: Promise<void> | undefined
  return {
    name: 'demo',
    async start() {
      await whole.start()
      if (monitoring) {
        const { prometheus, alertmanager } = monitoring.urls
        process.stderr.write(`demo: Prometheus is at ${prometheus}/alerts, Alertmanager at ${alertmanager}\n`)
      }
      process.stderr.write(`demo: the page is at ${everything.url} (Ctrl+C ends it)\n`)
      playing = playCarriers(
        { host: connectable(config.hep.host), port: everything.ports!.tcp },
        traffic,
        stopping.signal
      ).catch(cause => {
        if (!stopping.signal.aborted) onFailure(new Error('the traffic of the demo has ended', { cause }))
      })
    },
    async stop() {
      stopping.abort()
      await playing
      await whole.stop()
    },
    get url() {
      return everything.url
    },
    get ports() {
      return everything.ports
    }
  }
}

/** Where somebody on this machine reaches who listens on that address. */
const connectable = (host: string): string => (host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host)

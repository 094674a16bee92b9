import { setTimeout as sleep } from 'node:timers/promises'
import { assemble, type Config } from '@earshot/runtime'
import { parseRegistry } from '@earshot/peers'
import { carrierPeers, carrierTraffic, usualIncidents } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { frameOf, openSender, type Sender } from './replay.ts'
import type { Instance } from './instance.ts'
import { Monitoring } from './prometheus/monitoring.ts'
import { up } from './up.ts'

const SEED = 2026
const INCIDENTS_AFTER_SECONDS = 60

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
      playing = play({ host: connectable(config.hep.host), port: everything.ports!.tcp }, stopping.signal).catch(
        cause => {
          if (!stopping.signal.aborted) onFailure(new Error('the traffic of the demo has ended', { cause }))
        }
      )
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

/** Until the signal, by which it rejects. */
async function play(to: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<void> {
  const sender = await openSender({ ...to, transport: 'tcp' })
  try {
    await send(sender, signal)
  } finally {
    await sender.end()
  }
}

async function send(sender: Sender, signal: AbortSignal): Promise<void> {
  const start = epochMicros(Date.now() * 1e3)
  const incidents = usualIncidents(3 * INCIDENTS_AFTER_SECONDS)
  for (const captured of carrierTraffic({ seed: SEED, start, attemptsPerSecond: 8, incidents }).messages) {
    signal.throwIfAborted()
    const wait = captured.capturedAt / 1e3 - Date.now()
    if (wait > 1) await sleep(wait, undefined, { signal })
    const frame = frameOf(captured)
    if (frame) await sender.send(frame)
  }
}

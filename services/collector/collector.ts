import { randomBytes } from 'node:crypto'
import type { Log } from '@earshot/bus'
import { assemble, type Component, type Config } from '@earshot/runtime'
import { catalogue, type Metrics } from '@earshot/telemetry'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { Agents, clockAhead, type Agent } from './agents.ts'
import { Intake } from './intake.ts'
import { TcpListener, UdpListener } from './listener.ts'
import { Packer } from './packer.ts'
import { captureTicks, systemTicks, Ticker } from './ticker.ts'

export type Collector = Component & {
  /** Where it listens once started; port 0 asks the system for one. */
  readonly ports: { readonly udp: number; readonly tcp: number }
  readonly agents: Iterable<Agent>
  /** What was received and not worked, by reason, since the start. */
  readonly drops: ReadonlyMap<string, number>
}

export type CollectorParts = {
  readonly config: Config
  readonly log: Log
  readonly metrics: Metrics
  /** Told when the log takes nothing any more. */
  readonly onFailure: (error: Error) => void
  readonly now?: () => EpochMicros
}

/** Receives HEP and appends it to the log: every packet in, or counted with the reason why not. */
export function collector({ config, log, metrics, onFailure, now = systemTime }: CollectorParts): Collector {
  const producer = { collector: 'collector', run: randomBytes(8).toString('hex') }
  const packer = new Packer(log, producer, onFailure)
  const agents = new Agents({ trusting: config.clock === 'capture' })
  const intake = new Intake(agents, packer, metrics, now)
  const tcp = new TcpListener(config.hep, intake, packer, metrics)
  const udp = new UdpListener(config.hep, intake, packer)
  metrics.observe(catalogue.drops, tell => {
    for (const [reason, count] of intake.drops) tell(count, { reason })
  })
  metrics.observe(catalogue.captureClockOffset, tell => {
    for (const agent of agents.all()) tell(clockAhead(agent), { agent: agent.name })
  })
  const time = config.clock === 'capture' ? captureTicks(intake, config.latenessSeconds) : systemTicks()
  const ticker = new Ticker({ packer, sources: [tcp, udp], now, time })
  const parts = assemble('collector', [packer, ticker, tcp, udp])
  return {
    name: parts.name,
    start: () => parts.start(),
    stop: () => parts.stop(),
    get ports() {
      return { udp: udp.port, tcp: tcp.port }
    },
    get agents() {
      return agents.all()
    },
    drops: intake.drops
  }
}

export const systemTime = (): EpochMicros => epochMicros(Date.now() * 1e3)

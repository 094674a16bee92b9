import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { LocalLog, type Log, type NewRecord } from '@earshot/bus'
import { assemble, type Component, type Config, type Logger, type Readiness } from '@earshot/runtime'
import { catalogue, type Metrics } from '@earshot/telemetry'
import { framesOf, topics, type Producer } from '../pipeline.ts'
import { Access } from './access.ts'
import { loadAccess } from './access-file.ts'
import { Agents, clockAhead } from './agents.ts'
import { AgentsReport } from './agents-report.ts'
import { SteadyClock } from './clock.ts'
import { DeadLetters } from './dead-letters.ts'
import { followFiles } from '../followed-files.ts'
import { Intake } from './intake.ts'
import { KernelDrops } from './kernel-drops.ts'
import { KnownLog } from './known-log.ts'
import { Packer } from './packer.ts'
import { Spool, spoolTopic } from './spool.ts'
import { StreamListener } from './stream-listener.ts'
import { captureTicks, systemTicks, Ticker } from './ticker.ts'
import { loadTls, tlsFilesOf } from './tls-files.ts'
import { UdpListener } from './udp-listener.ts'

export { systemTime } from './clock.ts'

/** How long what has happened waits at most for the time to be told. */
const TICK_MS = 250
/** A pause of so long looks like the end of a replay. */
const CAPTURE_TICK_MS = 1000

export type Collector = Component & {
  /** Where it listens once started; port 0 asks the system for one. */
  readonly ports: { readonly udp: number; readonly tcp: number; readonly tls?: number }
  /** Undefined while it takes everything and the log takes it; else what is amiss, and `ready` says whether it still takes. */
  readonly trouble: Omit<Readiness, 'name'> | undefined
}

export type CollectorParts = {
  readonly config: Config
  readonly log: Log
  /** The log can be away while this machine is not: what it does not take waits on disk. */
  readonly remote?: boolean
  readonly metrics: Metrics
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Told when the log takes nothing any more. */
  readonly onFailure: (error: Error) => void
}

/**
 * Receives HEP and appends it to the log: every packet in, or counted with the reason why not.
 *
 * @throws ConfigError for settings that do not go together; `start` rejects with one for files that cannot be used
 */
export function collector(parts: CollectorParts): Collector {
  const { config, metrics, onFailure } = parts
  const name = config.hep.collectorName ?? hostname()
  const producer: Producer = { collector: name, run: randomBytes(8).toString('hex') }
  const clock = new SteadyClock()
  const known = parts.remote ? knownLogOf(parts) : undefined
  const log = known ?? parts.log
  const spool = known && spoolOf(parts, known, (record, error) => refuse(record, error))
  const packer = new Packer(spool ?? log, producer, onFailure)
  const agents = new Agents({ trusting: config.clock === 'capture' })
  const access = new Access()
  const deadLetters = new DeadLetters({ log, collector: name, metrics })
  const intake = new Intake({ agents, access, packer, metrics, now: clock.now, deadLetters })
  const { drops } = intake
  const refuse = refusals(intake, parts.logger)

  const shared = { host: config.hep.host, intake, packer, access }
  const udp = new UdpListener({
    ...shared,
    port: config.hep.udpPort,
    receiveBufferBytes: config.hep.receiveBufferBytes,
    whyFull: () => (spool?.isFull ? 'spool-full' : 'overload')
  })
  const tcp = new StreamListener({ ...shared, port: config.hep.tcpPort })
  const tls = tlsOf(parts, shared)
  const streams = tls ? [tcp, tls.listener] : [tcp]

  const time = config.clock === 'capture' ? captureTicks(intake, config.latenessSeconds) : systemTicks()
  const everyMs = config.clock === 'capture' ? CAPTURE_TICK_MS : TICK_MS
  const ticker = new Ticker({ packer, sources: [udp, ...streams], clock, time, everyMs })
  const whole = assemble('collector', [
    ...(known && spool ? [known, spool] : []),
    deadLetters,
    packer,
    ticker,
    ...accessOf(parts, access, streams),
    ...(tls ? [tls.files] : []),
    ...streams,
    udp,
    new KernelDrops(
      () => udp.port,
      count => drops.set('kernel', count)
    ),
    new AgentsReport({ log, collector: name, agents, drops, now: clock.now })
  ])
  observe(metrics, { agents, drops, streams, known, spool, spoolCapacity: config.hep.spoolBytes })
  return {
    name: whole.name,
    start: () => whole.start(),
    async stop() {
      // Or the parts would wait for room that comes only when the log is back.
      spool?.release()
      await whole.stop()
    },
    get ports() {
      return { udp: udp.port, tcp: tcp.port, ...(tls && { tls: tls.listener.port }) }
    },
    get trouble() {
      return troubleOf(known, spool)
    }
  }
}

function knownLogOf({ config: { memory, dataDir }, log, logger, onFailure }: CollectorParts): KnownLog {
  return new KnownLog({
    log,
    topics: [topics.packets, topics.agents, topics.deadLetters],
    ...(!memory && { file: join(dataDir, 'partitions.json') }),
    onAway: message => logger.warn({ causes: [message] }, 'the log is away'),
    onFailure
  })
}

function spoolOf(
  { config: { memory, dataDir, hep }, onFailure }: CollectorParts,
  log: KnownLog,
  onRefused: (record: NewRecord, error: Error) => void
): Spool {
  const local = new LocalLog({
    ...(!memory && { path: join(dataDir, 'spool.sqlite') }),
    topics: { [spoolTopic]: 1 },
    // What was appended to the log goes at once, what was not never does.
    retention: { ageMs: 0, bytes: Infinity }
  })
  return new Spool({ log, local, bytes: hep.spoolBytes, onRefused, onFailure })
}

/** Counts what the log will never take, and tells of the first: the others are like it. */
function refusals(intake: Intake, logger: CollectorParts['logger']): (record: NewRecord, error: Error) => void {
  let told = false
  return ({ partition, value }, { message }) => {
    intake.drop('refused-by-log', [...framesOf(value)].length)
    if (!told)
      logger.error({ partition, bytes: value.length, causes: [message] }, 'the log refuses a record; it is dropped')
    told = true
  }
}

type Shared = Pick<ConstructorParameters<typeof StreamListener>[0], 'host' | 'intake' | 'packer' | 'access'>

/** HEP over TLS where a port is given for it, with a certificate that follows its files. */
function tlsOf(
  { config: { hep }, logger }: CollectorParts,
  shared: Shared
): { readonly listener: StreamListener; readonly files: Component } | undefined {
  if (hep.tlsPort === undefined) return undefined
  const files = tlsFilesOf(hep.tls)
  const { certFile, keyFile, caFile } = files
  const listener = new StreamListener({
    ...shared,
    port: hep.tlsPort,
    tls: { asksForCertificates: caFile !== undefined }
  })
  const following = followFiles({
    name: 'hep certificate',
    files: [certFile, keyFile, ...(caFile === undefined ? [] : [caFile])],
    load: () => loadTls(files),
    onChange: context => {
      listener.use(context)
      logger.info({ certFile }, 'certificate for HEP over TLS loaded')
    },
    onError: error => logger.error({ certFile }, `the certificate was not reloaded: ${error.message}`)
  })
  return { listener, files: following }
}

function accessOf(
  { config: { hep }, logger }: CollectorParts,
  access: Access,
  streams: readonly StreamListener[]
): Component[] {
  const { agentsFile: file } = hep
  if (file === undefined) return []
  const following = followFiles({
    name: 'agents file',
    files: [file],
    load: () => loadAccess(file),
    onChange: rules => {
      access.use(rules)
      for (const stream of streams) stream.recheck()
      logger.info({ file, agents: rules.agents.length }, 'agents file loaded')
    },
    onError: error => logger.error({ file }, `the agents file was not reloaded: ${error.message}`)
  })
  return [following]
}

function observe(
  metrics: Metrics,
  parts: {
    readonly agents: Agents
    readonly drops: ReadonlyMap<string, number>
    readonly streams: readonly StreamListener[]
    readonly known: KnownLog | undefined
    readonly spool: Spool | undefined
    readonly spoolCapacity: number
  }
): void {
  const { agents, drops, streams, known, spool, spoolCapacity } = parts
  metrics.observe(catalogue.drops, tell => {
    for (const [reason, count] of drops) tell(count, { reason })
  })
  metrics.observe(catalogue.captureClockOffset, tell => {
    for (const agent of agents.all()) tell(clockAhead(agent), { agent: agent.name })
  })
  metrics.observe(catalogue.agentLastPacket, tell => {
    for (const { name, lastSeen } of agents.heardLast(catalogue.agentLastPacket.maxSeries)) {
      if (lastSeen !== undefined) tell(lastSeen / 1e6, { agent: name })
    }
  })
  metrics.observe(catalogue.hepConnections, tell =>
    tell(streams.reduce((sum, { connections }) => sum + connections, 0))
  )
  if (known === undefined || spool === undefined) return
  metrics.observe(catalogue.logAway, tell => tell(known.waitsFor === undefined && !spool.isAway ? 0 : 1))
  metrics.observe(catalogue.spoolBytes, tell => tell(spool.bytes))
  metrics.observe(catalogue.spoolCapacity, tell => tell(spoolCapacity))
  metrics.observe(catalogue.spoolRecords, tell => tell(spool.records))
}

function troubleOf(known: KnownLog | undefined, spool: Spool | undefined): Collector['trouble'] {
  if (known?.waitsFor !== undefined && !spool?.isSpooling) {
    return { ready: false, reason: `the log is away: ${known.waitsFor}` }
  }
  if (!spool?.isSpooling) return undefined
  const kept = `${(spool.bytes / 1e6).toFixed(1)} MB wait on this machine`
  return spool.isFull
    ? { ready: false, reason: `the log is away and the spool is full: ${kept}, nothing more is taken` }
    : { ready: true, reason: `the log does not take all that comes: ${kept}` }
}

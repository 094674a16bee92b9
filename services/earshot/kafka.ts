import { readFileSync } from 'node:fs'
import { KafkaLog, stateTopicOf, type KafkaConnection, type KafkaObserver, type WantedTopic } from '@earshot/bus'
import { ConfigError, type Config, type Logger } from '@earshot/runtime'
import { catalogue, type Metrics } from '@earshot/telemetry'
import { correlatorGroup } from '../correlator/correlator.ts'
import { legsGroup } from '../correlator/legs.ts'
import { agentsGroup } from '../monitor/agents-stage.ts'
import { decisionsGroup } from '../monitor/decisions-stage.ts'
import { monitorGroup } from '../monitor/monitor.ts'
import { topics } from '../pipeline.ts'
import { recorderGroups } from '../recorder/recorder.ts'
import { failureLines } from './failure.ts'
import type { Backing, Role } from './instance.ts'

/** Their names say whose they are already. */
const prefix = ''

const HOUR = 3600e3
const DAY = 24 * HOUR

/**
 * How to reach Kafka.
 *
 * @throws ConfigError where that is not said, or not wholly
 */
export function kafkaConnection({ kafka }: Config): KafkaConnection & { readonly prefix: string } {
  const { brokers, saslMechanism, username } = kafka
  if (brokers === undefined) {
    throw new ConfigError([
      'kafka.brokers is missing; write host:port of some nodes (EARSHOT_KAFKA_BROKERS), or run `earshot up`, which needs no Kafka'
    ])
  }
  if ((saslMechanism === undefined) !== (username === undefined)) {
    throw new ConfigError(['kafka.saslMechanism and kafka.username belong together; give both, or neither'])
  }
  if ((kafka.certFile === undefined) !== (kafka.keyFile === undefined)) {
    throw new ConfigError(['kafka.certFile and kafka.keyFile belong together; give both, or neither'])
  }
  const usesTls = kafka.tls || kafka.caFile !== undefined || kafka.certFile !== undefined
  return {
    prefix,
    brokers: brokers.split(','),
    ...(usesTls && {
      tls: {
        ...(kafka.caFile !== undefined && { ca: textOf(kafka.caFile, 'kafka.caFile') }),
        ...(kafka.certFile !== undefined && { cert: textOf(kafka.certFile, 'kafka.certFile') }),
        ...(kafka.keyFile !== undefined && { key: textOf(kafka.keyFile, 'kafka.keyFile') })
      }
    }),
    ...(saslMechanism && username && { sasl: { mechanism: saslMechanism, username, password: passwordOf(kafka) } })
  }
}

function passwordOf({ password, passwordFile }: Config['kafka']): string {
  if (passwordFile !== undefined) return textOf(passwordFile, 'kafka.passwordFile').replace(/\r?\n$/, '')
  if (password !== undefined) return password
  throw new ConfigError([
    'kafka.passwordFile is missing; a login has a password: name its file, or set EARSHOT_KAFKA_PASSWORD'
  ])
}

function textOf(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigError([`${file}: cannot be read (${code}); give ${setting} the path of a file`])
  }
}

/** The topics of all roles. Those of one key have as many partitions; what keeps a state has as many as its input. */
export function wantedTopics({ kafka, retention }: Config): WantedTopic[] {
  const { partitions, replication: replicas } = kafka
  const durable = { replicas, inSync: Math.max(1, replicas - 1) }
  const aged = (topic: string, ageMs: number, count = partitions): WantedTopic => ({
    topic,
    partitions: count,
    ...durable,
    keeps: { ageMs }
  })
  const state = (input: string, group: string, count = partitions): WantedTopic => ({
    topic: stateTopicOf(input, group),
    partitions: count,
    ...durable,
    keeps: 'latest'
  })
  return [
    // Collectors' absence is measured by the nodes' clock.
    { topic: topics.packets, partitions, ...durable, keeps: { ageMs: retention.hours * HOUR }, stamps: 'append' },
    state(topics.packets, correlatorGroup),
    state(topics.packets, recorderGroups[topics.packets]),
    aged(topics.calls, 7 * DAY),
    state(topics.calls, monitorGroup),
    state(topics.calls, recorderGroups[topics.calls]),
    // Legs of one call meet by several keys: one partition sees all of them.
    aged(topics.legs, DAY, 1),
    state(topics.legs, legsGroup, 1),
    aged(topics.joined, 7 * DAY),
    state(topics.joined, recorderGroups[topics.joined]),
    aged(topics.agents, HOUR / 6, 1),
    state(topics.agents, agentsGroup, 1),
    aged(topics.deadLetters, 7 * DAY, 1),
    aged(topics.alerts, 30 * DAY),
    state(topics.alerts, recorderGroups[topics.alerts]),
    // A silence can be about every peer: one partition has them all, in one order.
    aged(topics.commands, 30 * DAY, 1),
    state(topics.commands, decisionsGroup, 1)
  ]
}

/** Kafka as the log of a role, with what it meets in the metrics and the process's own log. */
export function kafkaBacking(
  config: Config,
  role: Role,
  { logger, metrics }: { logger: Logger; metrics: Metrics }
): Backing {
  const log = new KafkaLog({
    ...kafkaConnection(config),
    clientId: 'earshot',
    // It asks by itself, and can spool meanwhile.
    startsUnasked: role === 'collector',
    onWarning: message => logger.debug(message),
    observer: observer(logger, metrics)
  })
  return { log, remote: true, place: config.kafka.brokers! }
}

function observer(logger: Logger, metrics: Metrics): KafkaObserver {
  return {
    restoring: at => logger.info(at, 'restoring the state of a partition'),
    restored(at) {
      metrics.record(catalogue.restoreSeconds, at.seconds, { group: at.group })
      logger.info(at, 'state of a partition restored')
    },
    failed({ error, ...at }) {
      metrics.add(catalogue.transactionFailures, 1, { group: at.group })
      logger.warn({ ...at, causes: failureLines(error) }, 'a batch was not committed; it is worked again')
    },
    fenced: at => logger.warn(at, 'a partition is taken anew: another process has it, or a transaction took too long'),
    rebalanced: at => logger.info(at, 'partitions assigned'),
    disconnected: ({ error, ...at }) =>
      logger.warn({ ...at, causes: failureLines(error) }, 'the group cannot be reached')
  }
}

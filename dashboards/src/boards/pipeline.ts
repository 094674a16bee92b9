import { catalogue } from '@earshot/telemetry'
import { board } from '../board.ts'
import { figure, heat, lines, stack, steps } from '../panel.ts'
import { age, clampMin, compare, constant, count, histogramQuantile, max, min, or, sum, topk } from '../query.ts'
import { buckets, increase, not, rate, select } from '../selection.ts'
import { ratesSeen, window } from '../scope.ts'
import { rows } from '../table.ts'

const packets = select(catalogue.packets)
const drops = select(catalogue.drops)
const failures = select(catalogue.transactionFailures)
const latency = rate(buckets(catalogue.recordLatency), window)
const watermarkAge = age(min(select(catalogue.watermark)))
/** A collector's clock may be ahead of Prometheus'. */
const silence = clampMin(age(max(select(catalogue.agentLastPacket), ['agent'])), 0)
const number = { width: 4, height: 4 } as const

export const pipeline = board({
  uid: 'earshot-pipeline',
  title: 'Earshot: Pipeline',
  description: 'Whether Earshot itself hears and counts everything: agents, drops, lag, latency, errors, resources.',
  variables: [],
  panels: [
    figure(
      {
        ...number,
        title: 'Age of the figures',
        description: 'Time since the event time up to which everything is counted; the lateness of 2 s is in it.',
        unit: 's',
        limits: [
          { from: 10, color: 'yellow' },
          { from: 60, color: 'red' }
        ]
      },
      watermarkAge
    ),
    figure(
      { ...number, title: 'Packets per second', description: 'HEP packets over the time shown.', unit: 'cps' },
      sum(rate(packets, '$__range'))
    ),
    figure(
      {
        ...number,
        title: 'Dropped',
        description: 'What was received and not worked in the time shown.',
        unit: 'short',
        limits: [
          { from: 1, color: 'yellow' },
          { from: 1000, color: 'red' }
        ]
      },
      or(sum(increase(drops, '$__range')), constant(0))
    ),
    figure(
      {
        ...number,
        title: 'Lag',
        description: 'Records that wait in the log, of the topic and group with the most.',
        unit: 'short',
        limits: [
          { from: 1000, color: 'yellow' },
          { from: 100_000, color: 'red' }
        ]
      },
      max(select(catalogue.logLag))
    ),
    figure(
      {
        ...number,
        title: 'Agents',
        description: 'Capture agents that were heard in the last five minutes.',
        unit: 'none',
        below: 'red',
        limits: [{ from: 1, color: 'green' }]
      },
      count(compare(silence, '<', 300))
    ),
    figure(
      {
        ...number,
        title: 'Processes up',
        description: 'Targets of Prometheus that run Earshot and answer.',
        unit: 'none',
        below: 'red',
        limits: [{ from: 1, color: 'green' }]
      },
      count(select(catalogue.buildInfo))
    ),
    stack(
      { title: 'Packets', description: 'HEP packets per second by transport and version.', unit: 'cps', width: 8 },
      { query: ratesSeen(packets, ['transport', 'version']), legend: '{{transport}} HEP {{version}}' }
    ),
    stack(
      { title: 'Bytes', description: 'Bytes of HEP packets per second.', unit: 'Bps', width: 8 },
      { query: ratesSeen(select(catalogue.packetBytes), ['transport']), legend: '{{transport}}' }
    ),
    lines(
      { title: 'Connections', description: 'HEP connections over TCP and TLS that are open.', unit: 'none', width: 8 },
      { query: sum(select(catalogue.hepConnections)), legend: 'connections' }
    ),
    stack(
      {
        title: 'Drops by reason',
        description: 'Received and not worked, per second: codes of decoders and parsers, or what was full.',
        unit: 'cps',
        width: 8
      },
      { query: ratesSeen(drops, ['reason']), legend: '{{reason}}' }
    ),
    stack(
      {
        title: 'Dead letters',
        description: 'Packets that could not be decoded and are kept to look at, and those not kept.',
        unit: 'cps',
        width: 8
      },
      { query: sum(rate(select(catalogue.deadLetters), window), ['reason']), legend: '{{reason}}' },
      {
        query: sum(rate(select(catalogue.deadLettersSuppressed), window), ['reason']),
        legend: '{{reason}}, not kept'
      }
    ),
    stack(
      {
        title: 'Messages by kind',
        description:
          'Parts of the SIP messages: copies, orphans, late and unparsable ones; and payloads that are no SIP.',
        unit: 'cps',
        width: 8
      },
      { query: ratesSeen(select(catalogue.messages, { kind: not('sip') }), ['kind']), legend: '{{kind}}' }
    ),
    lines(
      {
        title: 'Clocks of agents',
        description: 'How far each agent’s clock is ahead of the collector’s; behind where negative.',
        unit: 's',
        width: 8,
        limits: [
          { from: 2, color: 'yellow' },
          { from: 5, color: 'red' }
        ]
      },
      { query: max(select(catalogue.captureClockOffset), ['agent']), legend: '{{agent}}' }
    ),
    lines(
      { title: 'Times adjusted', description: 'Capture times replaced or shifted, per second.', unit: 'cps', width: 8 },
      { query: sum(rate(select(catalogue.timesAdjusted), window), ['reason']), legend: '{{reason}}' }
    ),
    lines(
      {
        title: 'Lag by group',
        description: 'Records of a topic that a group has not committed yet.',
        unit: 'short',
        width: 8
      },
      { query: max(select(catalogue.logLag), ['group', 'topic']), legend: '{{group}} of {{topic}}' },
      { query: max(select(catalogue.logLost), ['group']), legend: '{{group}}, lost for ever' }
    ),
    lines(
      {
        title: 'Latency of records',
        description: 'From an answer or a rejection on the wire to its being counted, the lateness of 2 s included.',
        unit: 's',
        width: 8,
        limits: [
          { from: 5, color: 'yellow' },
          { from: 15, color: 'red' }
        ]
      },
      { query: histogramQuantile(0.5, sum(latency, ['kind', 'le'])), legend: '{{kind}}, half below' },
      { query: histogramQuantile(0.99, sum(latency, ['kind', 'le'])), legend: '{{kind}}, 99 of 100 below' }
    ),
    heat(
      {
        title: 'Latency of attempts',
        description: 'From an answer on the wire to its being counted.',
        unit: 's',
        width: 8
      },
      sum(rate(buckets(catalogue.recordLatency, { kind: 'attempt' }), window), ['le'])
    ),
    lines(
      { title: 'Age of the figures over time', description: 'Time since the watermark.', unit: 's', width: 8 },
      { query: watermarkAge, legend: 'age' }
    ),
    lines(
      {
        title: 'Spool and log',
        description: 'What collectors keep on disk until Kafka takes it, and the embedded log.',
        unit: 'bytes',
        width: 8
      },
      { query: or(sum(select(catalogue.spoolBytes)), constant(0)), legend: 'spool' },
      { query: sum(select(catalogue.logBytes)), legend: 'embedded log' }
    ),
    steps(
      {
        title: 'Errors',
        description: 'Failed commits and webhook requests per second; collectors that cannot reach Kafka.',
        unit: 'none',
        width: 8
      },
      { query: or(sum(rate(failures, window)), constant(0)), legend: 'failed commits' },
      {
        query: or(sum(rate(select(catalogue.webhookRequests, { result: 'failed' }), window)), constant(0)),
        legend: 'failed webhooks'
      },
      { query: or(sum(select(catalogue.logAway)), constant(0)), legend: 'collectors without Kafka' }
    ),
    lines(
      {
        title: 'Folded into other',
        description: 'Values past a metric’s limit of series, and records of addresses past maxPeers, per second.',
        unit: 'cps',
        width: 8
      },
      { query: or(sum(rate(select(catalogue.seriesOverflow), window)), constant(0)), legend: 'values' },
      { query: sum(rate(select(catalogue.peersOverflow), window)), legend: 'records of peers' }
    ),
    lines(
      { title: 'CPU', description: 'CPU seconds per second.', unit: 'percentunit', width: 8 },
      { query: sum(rate(select(catalogue.processCpu), window), ['job', 'instance']), legend: '{{job}} {{instance}}' }
    ),
    lines(
      { title: 'Memory', description: 'Resident memory.', unit: 'bytes', width: 8 },
      { query: sum(select(catalogue.residentMemory), ['job', 'instance']), legend: '{{job}} {{instance}}' }
    ),
    lines(
      {
        title: 'Event loop delay',
        description: 'How late the event loop was at most between two scrapes.',
        unit: 's',
        width: 8,
        limits: [
          { from: 0.25, color: 'yellow' },
          { from: 1, color: 'red' }
        ]
      },
      {
        query: max(select(catalogue.eventLoopDelay, { statistic: 'max' }), ['job', 'instance']),
        legend: '{{job}} {{instance}}'
      }
    ),
    lines(
      {
        title: 'Time to restore',
        description:
          'From the assignment of a partition until its state was there, 95 of 100 below, since the processes started.',
        unit: 's',
        width: 8
      },
      {
        query: histogramQuantile(0.95, sum(buckets(catalogue.restoreSeconds), ['group', 'le'])),
        legend: '{{group}}'
      }
    ),
    lines(
      {
        title: 'Silence of agents',
        description: 'Time since each agent was heard, the twenty that are silent for the longest.',
        unit: 's',
        width: 8
      },
      { query: topk(20, silence), legend: '{{agent}}' }
    ),
    rows(
      { title: 'Versions', description: 'Processes by what they run.', width: 8 },
      {
        by: { version: 'Version', node: 'Node', job: 'Job' },
        columns: [{ name: 'Processes', query: count(select(catalogue.buildInfo), ['version', 'node', 'job']) }],
        order: 'Processes'
      }
    )
  ]
})

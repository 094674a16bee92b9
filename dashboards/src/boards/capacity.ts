import { catalogue } from '@earshot/telemetry'
import { board } from '../board.ts'
import { figure, lines, stack, steps } from '../panel.ts'
import { divide, max, subtract, sum, topk } from '../query.ts'
import { countOf, over, rate, select, sumOf } from '../selection.ts'
import { hourly, inAll, inGroup, ofPeer, ofPeers, perSecond } from '../scope.ts'
import { rows, type Column } from '../table.ts'

const attempts = select(catalogue.attempts, ofPeers)
const concurrent = select(catalogue.concurrentCalls, ofPeers)
const both = { ...ofPeer, direction: 'both' } as const
const peakCalls = max(inGroup(select(catalogue.peakCalls, both)), ['peer'])
const busySecond = max(inGroup(select(catalogue.busySecondAttempts, both)), ['peer'])
const contractedCalls = max(inGroup(select(catalogue.contractedCalls, ofPeer)), ['peer'])
const contractedAttempts = max(inGroup(select(catalogue.contractedAttempts, ofPeer)), ['peer'])
const callsNow = sum(inGroup(concurrent), ['peer'])

/** Traffic carried (ITU-T E.600): the mean number of calls under way; over an hour it is what trunks are reckoned with. */
const carried = sum(hourly(concurrent), ['peer'])
const busyHour = over('1d', 'max_over_time', carried, '15m')

const headroom = {
  below: 'red',
  limits: [
    { from: 0.1, color: 'yellow' },
    { from: 0.25, color: 'green' }
  ]
} as const
const free = (used: typeof peakCalls, contracted: typeof peakCalls) => subtract(1, divide(used, contracted))

const perDay: readonly Column[] = [
  { name: 'Peak calls', query: peakCalls },
  { name: 'Contracted calls', query: contractedCalls },
  { name: 'Calls free', query: free(peakCalls, contractedCalls), unit: 'percentunit', ...headroom },
  { name: 'Busy second', query: busySecond, unit: 'cps' },
  { name: 'Contracted per second', query: contractedAttempts, unit: 'cps' },
  { name: 'Per second free', query: free(busySecond, contractedAttempts), unit: 'percentunit', ...headroom },
  { name: 'Busy hour', query: busyHour, unit: 'erlangs' }
]

const number = { width: 6, height: 4 } as const

export const capacity = board({
  uid: 'earshot-capacity',
  title: 'Earshot: Capacity',
  description:
    'How much of each peer is used, in attempts per second, concurrent calls and erlangs, and what is contracted.',
  variables: ['group', 'peer'],
  panels: [
    figure(
      { ...number, title: 'Attempts per second', description: 'The mean over the time shown.', unit: 'cps' },
      sum(inGroup(rate(attempts, '$__range')))
    ),
    figure(
      {
        ...number,
        title: 'Calls under way',
        description: 'In setup, with early media, and established, now.',
        unit: 'short'
      },
      sum(callsNow)
    ),
    figure(
      {
        ...number,
        title: 'Traffic carried',
        description: 'The mean number of calls over the last hour (ITU-T E.600), setup and early media included.',
        unit: 'erlangs'
      },
      sum(carried)
    ),
    figure(
      {
        ...number,
        title: 'Mean call duration',
        description: 'ACD (ITU-T E.425): talk time of the calls that ended in the time shown.',
        unit: 's'
      },
      divide(
        sum(inAll(sumOf(catalogue.sessionDuration, ofPeers))),
        sum(inAll(countOf(catalogue.sessionDuration, ofPeers)))
      )
    ),
    stack(
      {
        title: 'Concurrent calls by state',
        description:
          'setup: not answered, without early media so far; early_media: not answered, with it; established.',
        unit: 'short',
        width: 12
      },
      { query: sum(inGroup(concurrent), ['state']), legend: '{{state}}' }
    ),
    lines(
      {
        title: 'Concurrent calls by peer',
        description: 'The twenty peers with the most.',
        unit: 'short',
        width: 12
      },
      { query: topk(20, callsNow), legend: '{{peer}}' }
    ),
    lines(
      {
        title: 'Attempts per second by peer',
        description: 'Means over the step of the graph; the busy second is in the table.',
        unit: 'cps',
        width: 12
      },
      { query: topk(20, sum(perSecond(attempts), ['peer'])), legend: '{{peer}}' }
    ),
    lines(
      {
        title: 'Erlangs carried by peer',
        description: 'The mean number of calls over the hour before each moment (ITU-T E.600).',
        unit: 'erlangs',
        width: 12
      },
      { query: topk(20, carried), legend: '{{peer}}' }
    ),
    steps(
      {
        title: 'Calls free',
        description: 'What is left of the contracted concurrent calls now. Peers without a contract are not shown.',
        unit: 'percentunit',
        width: 12,
        ...headroom
      },
      { query: free(callsNow, contractedCalls), legend: '{{peer}}' }
    ),
    steps(
      {
        title: 'Busiest second',
        description: 'Attempts begun in the busiest second of the UTC day so far, both directions together.',
        unit: 'cps',
        width: 12
      },
      { query: topk(20, busySecond), legend: '{{peer}}' }
    ),
    rows(
      {
        title: 'Peers today',
        description:
          'Peaks of the UTC day against the registry’s contracts; the busy hour is the highest of the hourly means of the last 24 hours, looked at every 15 minutes.',
        width: 24,
        height: 8
      },
      { by: { peer: 'Peer' }, columns: perDay, order: 'Busy hour' }
    )
  ]
})

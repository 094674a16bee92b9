import { catalogue } from '@earshot/telemetry'
import { board } from '../board.ts'
import { figure, lines, stack, standing } from '../panel.ts'
import { constant, histogramQuantile, max, multiply, or, sum, topk } from '../query.ts'
import { poorAnswers, poorNetwork, ratios } from '../ratios.ts'
import { buckets, select } from '../selection.ts'
import { inAll, inGroup, ofPeer, ofPeers, perSecond } from '../scope.ts'
import { rows, type Column } from '../table.ts'

const attempts = select(catalogue.attempts, ofPeers)
const concurrent = inGroup(select(catalogue.concurrentCalls, ofPeers))
const alerts = inGroup(select(catalogue.alertsActive, ofPeer))
const requestDelay = perSecond(buckets(catalogue.sessionRequestDelay, { ...ofPeers, result: 'success' }))

const byPeer = sum(inAll(attempts), ['peer'])
/** With the group of each; one of them, while processes read a new registry one after the other. */
const withGroup = multiply(byPeer, topk(1, max(select(catalogue.peerInfo, ofPeer), ['peer', 'group']), ['peer']), {
  on: ['peer'],
  add: ['group']
})

const health: readonly Column[] = [
  { name: 'Alerts', query: or(sum(alerts, ['peer']), multiply(0, byPeer)), limits: [{ from: 1, color: 'red' }] },
  { name: 'Attempts', query: withGroup },
  { name: 'Calls now', query: sum(concurrent, ['peer']) },
  { name: 'ASR', query: ratios.asr.byPeer(inAll), unit: 'percentunit', ...poorAnswers },
  { name: 'NER', query: ratios.ner.byPeer(inAll), unit: 'percentunit', ...poorNetwork },
  { name: 'Early media', query: ratios.earlyMedia.byPeer(inAll), unit: 'percentunit' },
  { name: 'EM-ASR', query: ratios.earlyMediaAsr.byPeer(inAll), unit: 'percentunit', ...poorAnswers },
  {
    name: 'Unusable',
    query: ratios.unusable.byPeer(inAll),
    unit: 'percentunit',
    limits: [
      { from: 0.01, color: 'yellow' },
      { from: 0.05, color: 'red' }
    ]
  },
  {
    name: 'Rejections',
    query: sum(inAll(select(catalogue.rejections, ofPeers)), ['peer']),
    limits: [{ from: 1, color: 'yellow' }]
  }
]

export const overview = board({
  uid: 'earshot-overview',
  title: 'Earshot: Overview',
  description: 'How each peer does: attempts, answers, early media, rejected methods, alerts.',
  variables: ['group', 'peer'],
  panels: [
    figure(
      {
        title: 'Alerts that last',
        description: 'Of the chosen peers, in every state of acknowledgement. The table says whose they are.',
        unit: 'none',
        width: 4,
        height: 4,
        limits: [{ from: 1, color: 'red' }]
      },
      or(sum(alerts), constant(0))
    ),
    figure(
      {
        title: 'Attempts',
        description: 'Call attempts that ended in the time shown.',
        unit: 'short',
        width: 4,
        height: 4
      },
      sum(inAll(attempts))
    ),
    figure(
      {
        title: 'Calls now',
        description: 'In setup, with early media, and established.',
        unit: 'short',
        width: 4,
        height: 4
      },
      sum(concurrent)
    ),
    figure(
      {
        title: 'ASR',
        description:
          'Answer-seizure ratio (ITU-T E.411) over the time shown: answered of the attempts that were seized.',
        unit: 'percentunit',
        width: 4,
        height: 4,
        ...poorAnswers
      },
      ratios.asr.ofAll(inAll)
    ),
    figure(
      {
        title: 'NER',
        description: 'Network effectiveness ratio (ITU-T E.425): what the network brought through, answered or not.',
        unit: 'percentunit',
        width: 4,
        height: 4,
        ...poorNetwork
      },
      ratios.ner.ofAll(inAll)
    ),
    figure(
      {
        title: 'Early media',
        description: 'Attempts that had early media, of all that are over.',
        unit: 'percentunit',
        width: 4,
        height: 4
      },
      ratios.earlyMedia.ofAll(inAll)
    ),
    rows(
      {
        title: 'Peers',
        description:
          'Over the time shown; calls and alerts as they are now. A peer’s name leads to its page in the console.',
        width: 24,
        height: 8
      },
      { by: { peer: 'Peer', group: 'Group' }, columns: health, order: 'Alerts' }
    ),
    stack(
      {
        title: 'Outcomes',
        description: 'Attempts per second as they ended.',
        unit: 'cps',
        width: 12
      },
      { query: sum(perSecond(attempts), ['outcome']), legend: '{{outcome}}' }
    ),
    lines(
      {
        title: 'Attempts by peer',
        description: 'Attempts per second, the twenty peers with the most.',
        unit: 'cps',
        width: 12
      },
      { query: topk(20, sum(perSecond(attempts), ['peer'])), legend: '{{peer}}' }
    ),
    lines(
      {
        title: 'ASR by peer',
        description: 'Answered of the seized attempts.',
        unit: 'percentunit',
        width: 12
      },
      { query: ratios.asr.byPeer(perSecond), legend: '{{peer}}' }
    ),
    lines(
      {
        title: 'Session request delay by peer',
        description: 'INVITE to the first 18x or 2xx (RFC 6076 §4.3, post-dial delay): 95 of 100 calls wait less.',
        unit: 's',
        width: 12,
        limits: [
          { from: 5, color: 'yellow' },
          { from: 8, color: 'red' }
        ]
      },
      { query: histogramQuantile(0.95, sum(requestDelay, ['peer', 'le'])), legend: '{{peer}}' }
    ),
    standing(
      {
        title: 'Alerts by kind',
        description: 'Alerts that last: rejected methods, Allow drops, spikes, drops, absence, headroom.',
        unit: 'none',
        width: 24,
        height: 6
      },
      { query: sum(alerts, ['kind', 'peer']), legend: '{{peer}}: {{kind}}' }
    )
  ]
})

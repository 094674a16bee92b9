import { catalogue, type Histogram } from '@earshot/telemetry'
import { board } from '../board.ts'
import { figure, heat, lines, stack, type Look, type Target } from '../panel.ts'
import { histogramQuantile, sum, topk } from '../query.ts'
import { poorAnswers, ratios } from '../ratios.ts'
import { defaultThresholds } from '../rules/options.ts'
import { buckets, rate, select } from '../selection.ts'
import { inAll, inGroup, ofPeers, perSecond } from '../scope.ts'
import { rows } from '../table.ts'

const attempts = select(catalogue.attempts, ofPeers)
const withEarlyMedia = select(catalogue.attempts, { ...ofPeers, class: 'early_media' })
const diagnoses = select(catalogue.diagnoses, ofPeers)
const causes = select(catalogue.causes, ofPeers)
/** A second of early media per second is an erlang. */
const erlangs = perSecond(select(catalogue.earlyMediaSeconds, ofPeers))

const share = (title: string, description: string): Look => ({
  title,
  description,
  unit: 'percentunit',
  width: 6,
  height: 4
})

const quantiles = (metric: Histogram<'peer' | 'direction'>): Target[] =>
  [0.5, 0.95, 0.99].map(quantile => ({
    query: histogramQuantile(quantile, sum(perSecond(buckets(metric, ofPeers)), ['le'])),
    legend: `${quantile * 100} of 100 below`
  }))

/** ITU-T Q.850, those that one meets. */
const causeNames = {
  1: '1 unallocated number',
  2: '2 no route to transit network',
  3: '3 no route to destination',
  16: '16 normal clearing',
  17: '17 user busy',
  18: '18 no user responding',
  19: '19 no answer',
  20: '20 subscriber absent',
  21: '21 call rejected',
  22: '22 number changed',
  27: '27 destination out of order',
  28: '28 invalid number format',
  31: '31 normal, unspecified',
  34: '34 no circuit',
  38: '38 network out of order',
  41: '41 temporary failure',
  42: '42 congestion',
  127: '127 interworking'
}

export const earlyMedia = board({
  uid: 'earshot-early-media',
  title: 'Earshot: Early media',
  description: 'What became of calls with early media, how long it lasted, and why it could not play.',
  variables: ['group', 'peer'],
  panels: [
    figure(
      share('Early media rate', 'Attempts with early media of all that are over (docs/counting.md, EM).'),
      ratios.earlyMedia.ofAll(inAll)
    ),
    figure(
      {
        ...share('EM-ASR', 'Answered of the attempts with early media. A peer that plays announcements has few.'),
        ...poorAnswers
      },
      ratios.earlyMediaAsr.ofAll(inAll)
    ),
    figure(
      {
        ...share('Abandoned', 'Given up by the caller while or after early media played, of the attempts with it.'),
        limits: [
          { from: 0.4, color: 'yellow' },
          { from: defaultThresholds.earlyMediaAbandoned, color: 'red' }
        ]
      },
      ratios.abandoned.ofAll(inAll)
    ),
    figure(
      {
        title: 'Early media traffic',
        description: 'Trunk time that early media occupies and nobody is billed for, in erlangs.',
        unit: 'erlangs',
        width: 6,
        height: 4
      },
      sum(inGroup(rate(select(catalogue.earlyMediaSeconds, ofPeers), '$__range')))
    ),
    stack(
      {
        title: 'Outcomes of attempts with early media',
        description: 'Attempts per second of class early_media, as they ended.',
        unit: 'cps',
        width: 12
      },
      { query: sum(perSecond(withEarlyMedia), ['outcome']), legend: '{{outcome}}' }
    ),
    stack(
      {
        title: 'Classes',
        description:
          'Attempts per second by the highest state that an early dialog held: none, ringing, progress, precondition, vetoed, unusable, early_media.',
        unit: 'cps',
        width: 12
      },
      { query: sum(perSecond(attempts), ['class']), legend: '{{class}}' }
    ),
    lines(
      {
        title: 'Early media rate by peer',
        description: 'Attempts with early media of all.',
        unit: 'percentunit',
        width: 8
      },
      { query: ratios.earlyMedia.byPeer(perSecond), legend: '{{peer}}' }
    ),
    lines(
      {
        title: 'EM-ASR by peer',
        description: 'Answered of the attempts with early media.',
        unit: 'percentunit',
        width: 8
      },
      { query: ratios.earlyMediaAsr.byPeer(perSecond), legend: '{{peer}}' }
    ),
    lines(
      {
        title: 'Early media traffic by peer',
        description: 'Trunk time not billed, in erlangs, the twenty peers with the most.',
        unit: 'erlangs',
        width: 8
      },
      { query: topk(20, sum(erlangs, ['peer'])), legend: '{{peer}}' }
    ),
    heat(
      {
        title: 'Time in early media',
        description: 'How long early media lasted, whatever came of it.',
        unit: 's',
        width: 12
      },
      sum(perSecond(buckets(catalogue.earlyMediaDuration, ofPeers)), ['le'])
    ),
    heat(
      {
        title: 'Time to early media',
        description: 'INVITE to when early media could play first.',
        unit: 's',
        width: 12
      },
      sum(perSecond(buckets(catalogue.timeToEarlyMedia, ofPeers)), ['le'])
    ),
    heat(
      { title: 'Time to 183', description: 'INVITE to the first 183 of the attempt.', unit: 's', width: 12 },
      sum(perSecond(buckets(catalogue.timeTo183, ofPeers)), ['le'])
    ),
    lines(
      {
        title: 'Time to early media, quantiles',
        description: 'INVITE to when early media could play first.',
        unit: 's',
        width: 12,
        limits: [
          { from: 5, color: 'yellow' },
          { from: 8, color: 'red' }
        ]
      },
      ...quantiles(catalogue.timeToEarlyMedia)
    ),
    lines(
      {
        title: 'Time in early media by outcome',
        description: 'Half of the attempts that ended so had early media for longer.',
        unit: 's',
        width: 12
      },
      {
        query: histogramQuantile(
          0.5,
          sum(perSecond(buckets(catalogue.earlyMediaDuration, ofPeers)), ['outcome', 'le'])
        ),
        legend: '{{outcome}}'
      }
    ),
    stack(
      {
        title: '183 responses',
        description: '183 with a session description (yes) and without (no): only the first are early media.',
        unit: 'cps',
        width: 12
      },
      { query: sum(perSecond(select(catalogue.responses183, ofPeers)), ['sdp']), legend: '{{sdp}}' }
    ),
    stack(
      {
        title: 'Diagnoses',
        description:
          'Attempts per second whose early media could not play or is in doubt, by the code of what to check.',
        unit: 'cps',
        width: 12
      },
      { query: sum(perSecond(diagnoses), ['code']), legend: '{{code}}' }
    ),
    rows(
      {
        title: 'Diagnoses by peer',
        description: 'Attempts in the time shown. docs/counting.md says what each code means.',
        width: 12
      },
      {
        by: { peer: 'Peer', code: 'Code' },
        columns: [{ name: 'Attempts', query: sum(inAll(diagnoses), ['peer', 'code']) }],
        order: 'Attempts'
      }
    ),
    stack(
      {
        title: 'Causes after early media',
        description:
          'Attempts per second by their effective Q.850 cause, that of the 183 where the final says nothing: announcements have it.',
        unit: 'cps',
        width: 12
      },
      {
        query: sum(perSecond(select(catalogue.causes, { ...ofPeers, early_media: 'yes' })), ['cause']),
        legend: 'cause {{cause}}'
      }
    ),
    rows(
      {
        title: 'Causes by peer',
        description: 'Attempts in the time shown by effective Q.850 cause, with early media or without.',
        width: 12
      },
      {
        by: { peer: 'Peer', cause: 'Cause', early_media: 'Early media' },
        words: { Cause: causeNames },
        columns: [{ name: 'Attempts', query: sum(inAll(causes), ['peer', 'cause', 'early_media']) }],
        order: 'Attempts'
      }
    )
  ]
})

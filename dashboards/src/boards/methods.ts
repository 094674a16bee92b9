import { catalogue } from '@earshot/telemetry'
import { board } from '../board.ts'
import { figure, lines, stack, standing } from '../panel.ts'
import { and, compare, constant, or, sum, topk } from '../query.ts'
import { matching, select } from '../selection.ts'
import { inAll, inGroup, ofPeer, ofPeers, perSecond } from '../scope.ts'
import { matrix } from '../matrix.ts'
import { rows } from '../table.ts'

const ofMethod = { method: matching('$method') } as const
const rejections = select(catalogue.rejections, { ...ofPeers, ...ofMethod })
const regressed = inGroup(select(catalogue.methodRegressed, { ...ofPeer, ...ofMethod }))
const states = inGroup(select(catalogue.methodState, { ...ofPeer, ...ofMethod }))
const allowDrops = inGroup(select(catalogue.alertsActive, { ...ofPeer, kind: 'allow_drop' }))
const inconsistent = inGroup(select(catalogue.methodState, { ...ofPeer, ...ofMethod, state: 'inconsistent' }))

const byMethod = sum(perSecond(rejections), ['peer', 'method'])

const number = { unit: 'none', width: 6, height: 4 } as const

export const methods = board({
  uid: 'earshot-methods',
  title: 'Earshot: Methods',
  description: 'Which peer rejects which method with 405 or 501, since when, and what it no longer lists in Allow.',
  variables: ['group', 'peer', 'method'],
  panels: [
    figure(
      {
        ...number,
        title: 'Regressed',
        description: 'Methods that peers took and now reject.',
        limits: [{ from: 1, color: 'red' }]
      },
      or(sum(regressed), constant(0))
    ),
    figure(
      {
        ...number,
        title: 'Allow drops',
        description: 'Alerts for methods that peers no longer list in Allow.',
        limits: [{ from: 1, color: 'orange' }]
      },
      or(sum(allowDrops), constant(0))
    ),
    figure(
      {
        ...number,
        title: 'Inconsistent',
        description: 'Methods that peers list in Allow and reject all the same.',
        limits: [{ from: 1, color: 'yellow' }]
      },
      or(sum(inconsistent), constant(0))
    ),
    figure(
      { ...number, title: 'Rejections', description: 'Transactions rejected in the time shown.', unit: 'short' },
      sum(inAll(rejections))
    ),
    lines(
      {
        title: 'Rejections by peer and method',
        description: 'Transactions per second that got 405 or 501, the twenty highest.',
        unit: 'cps',
        width: 16,
        height: 10
      },
      {
        query: topk(20, and(byMethod, compare(sum(inAll(rejections), ['peer', 'method']), '>', 0), ['peer', 'method'])),
        legend: '{{peer}}: {{method}}'
      }
    ),
    stack(
      {
        title: 'Rejections by code',
        description: '405 Method Not Allowed, 501 Not Implemented.',
        unit: 'cps',
        width: 8,
        height: 10
      },
      { query: sum(perSecond(rejections), ['code']), legend: '{{code}}' }
    ),
    matrix(
      {
        title: 'What peers do with methods',
        description:
          'supported; advertised: listed in Allow, not seen yet; rejected; inconsistent: listed and rejected; regressed: worked, and is rejected now.',
        width: 24,
        height: 10
      },
      {
        query: sum(states, ['peer', 'method', 'state']),
        row: 'peer',
        column: 'method',
        cell: 'state',
        colors: {
          supported: 'green',
          advertised: 'blue',
          rejected: 'orange',
          inconsistent: 'yellow',
          regressed: 'red'
        }
      }
    ),
    rows(
      {
        title: 'Rejected in the time shown',
        description: 'Transactions by peer, method and code.',
        width: 8
      },
      {
        by: { peer: 'Peer', method: 'Method', code: 'Code' },
        columns: [{ name: 'Transactions', query: compare(sum(inAll(rejections), ['peer', 'method', 'code']), '>', 0) }],
        order: 'Transactions'
      }
    ),
    standing(
      {
        title: 'Regressions',
        description: '1 while a peer rejects what it took before. A line’s name leads to the peer’s page.',
        unit: 'none',
        width: 8
      },
      { query: sum(regressed, ['peer', 'method']), legend: '{{peer}}: {{method}}' }
    ),
    standing(
      {
        title: 'Allow drops by peer',
        description: 'Alerts that last for methods that a peer no longer lists in Allow.',
        unit: 'none',
        width: 8
      },
      { query: sum(allowDrops, ['peer']), legend: '{{peer}}' }
    )
  ]
})

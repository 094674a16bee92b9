import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { statesOf, type Registry } from '@earshot/peers'
import { withCapacity, withGroupCapacity, type BusiestOf } from '../capacity-rows.ts'
import type { MonitorView } from '../monitor/view.ts'
import type { AgentsView, SeenAgent } from './agents-view.ts'
import { History } from './answers/history.ts'
import { Capabilities, Snapshot, type Snapshot as SnapshotAnswer } from './answers/peers.ts'
import { iso } from './iso.ts'
import { notFound, route } from './route.ts'

export type PeersParts = {
  readonly figures: Pick<
    MonitorView,
    'counts' | 'since' | 'watermark' | 'rows' | 'groups' | 'history' | 'capabilities' | 'busiest' | 'groupBusiest'
  >
  readonly agents: Pick<AgentsView, 'agents' | 'drops'>
  readonly registry: () => Registry
}

/** The figures of the peers since they are counted, and of the last hour. */
export function peersApi(app: FastifyInstance, parts: PeersParts): void {
  const { figures } = parts
  route(app, {
    method: 'GET',
    url: '/api/peers',
    summary: 'Figures of each peer and group, and what they rest on',
    tag: 'peers',
    answer: Snapshot,
    handle: async () => snapshotOf(parts)
  })
  route(app, {
    method: 'GET',
    url: '/api/peers/:peer/capabilities',
    summary: 'Which method a peer takes, advertises or rejects',
    tag: 'peers',
    params: z.strictObject({ peer: z.string() }),
    answer: Capabilities,
    failures: { 404: 'Nothing is known of its methods' },
    async handle({ params: { peer } }, _request, reply) {
      const methods = figures.capabilities(peer)
      if (methods.length > 0) return { peer, now: iso(figures.watermark), methods: [...methods] }
      return notFound(
        reply,
        `Nothing is known of the methods of ${peer}: no peer has that name, or it has answered nothing yet.`
      )
    }
  })
  route(app, {
    method: 'GET',
    url: '/api/history',
    summary: 'What was added in each ten seconds of the last minutes, by peer; since this console was started',
    tag: 'peers',
    query: z.strictObject({ minutes: z.coerce.number().int().min(1).max(60).default(60) }),
    answer: History,
    handle: async ({ query }) => figures.history.show(query.minutes)
  })
}

export function snapshotOf({ figures, agents, registry }: PeersParts): SnapshotAnswer {
  const { since, watermark } = figures
  const { calls, ...messages } = figures.counts
  const busiestOf: BusiestOf = (peer, side) => figures.busiest(peer, side)
  const rows = withCapacity(figures.rows(), busiestOf, peer => registry().named(peer))
  const groups = figures.groups(peer => registry().named(peer)?.group)
  return {
    since: iso(since),
    now: iso(watermark),
    messages,
    calls,
    agents: merged(agents.agents()),
    drops: agents.drops(),
    peers: rows.map(row => {
      const entry = registry().named(row.peer)
      const capabilities = statesOf(figures.capabilities(row.peer))
      return { ...row, capabilities, ...(entry?.group && { group: entry.group }), ...(entry?.ours && { ours: true }) }
    }),
    groups: withGroupCapacity(groups, (group, side) => figures.groupBusiest(group, side), registry().entries)
  }
}

/** One row per agent, however many collectors hear it; its clock as the one says that heard it last. */
function merged(seen: readonly SeenAgent[]): SnapshotAnswer['agents'] {
  const byName = Map.groupBy(
    seen.filter(({ packets }) => packets > 0),
    ({ agent }) => agent
  )
  return Array.from(byName, ([agent, all]) => {
    const last = all.reduce((one, other) => ((other.lastSeen ?? 0) > (one.lastSeen ?? 0) ? other : one))
    return {
      agent,
      packets: all.reduce((sum, { packets }) => sum + packets, 0),
      lastSeen: iso(last.lastSeen),
      clockOffsetSeconds: last.clockOffsetSeconds,
      ...(last.shiftedBySeconds !== undefined && { shiftedBySeconds: last.shiftedBySeconds })
    }
  })
}

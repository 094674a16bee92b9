import type { FastifyInstance } from 'fastify'
import type { AgentsView } from './agents-view.ts'
import { Agents, type Agents as AgentsAnswer } from './answers/agents.ts'
import { iso } from './iso.ts'
import { route } from './route.ts'

export type AgentsParts = { readonly agents: Pick<AgentsView, 'agents' | 'collectors'> }

export function agentsApi(app: FastifyInstance, parts: AgentsParts): void {
  route(app, {
    method: 'GET',
    url: '/api/agents',
    summary: 'Each capture agent as each collector knows it',
    tag: 'pipeline',
    answer: Agents,
    handle: async () => agentsOf(parts)
  })
}

export const agentsOf = ({ agents }: AgentsParts): AgentsAnswer => ({
  collectors: agents.collectors().map(({ collector, at, drops }) => ({ collector, toldAt: iso(at), drops })),
  agents: agents.agents().map(({ lastSeen, transports, ...agent }) => ({
    ...agent,
    transports: [...transports],
    lastSeen: iso(lastSeen)
  }))
})

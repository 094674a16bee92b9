import type { Agent } from './api.ts'
import { agentFault } from './agent-fault.ts'
import { count, timeOn, words } from './format.ts'
import { SeverityMark } from './severity-mark.tsx'

/** The capture agents, folded away; opened by itself is nothing, but a fault shows in its head. */
export function Agents({ agents, now }: { readonly agents: readonly Agent[]; readonly now: string }) {
  const faults = agents.filter(agent => agentFault(agent, new Date(now))).length
  return (
    <details className="agents">
      <summary className={faults > 0 ? 'fault' : undefined}>
        {faults > 0 && <SeverityMark severity="warning" />}
        {agents.length} {agents.length === 1 ? 'agent' : 'agents'}
        {faults > 0 && `, ${faults} to look at`}
      </summary>
      <div className="agents-panel">
        <AgentTable agents={agents} now={now} />
      </div>
    </details>
  )
}

/** Each capture agent at each collector, and what is wrong with it. */
export function AgentTable({ agents, now }: { readonly agents: readonly Agent[]; readonly now: string }) {
  const severalCollectors = new Set(agents.map(({ collector }) => collector)).size > 1
  if (agents.length === 0) return <p>No capture agent has sent anything.</p>
  return (
    <div className="wide" role="region" aria-label="Capture agents" tabIndex={0}>
      <table className="agent-table">
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col">Packets</th>
            <th scope="col">Last seen, UTC</th>
            <th scope="col">Clock</th>
            <th scope="col">From</th>
            <th scope="col">Key</th>
            <th scope="col">Dropped</th>
            {severalCollectors && <th scope="col">Collector</th>}
            <th scope="col">Look at</th>
          </tr>
        </thead>
        <tbody>
          {agents.map(agent => (
            <AgentRow
              key={`${agent.collector} ${agent.agent}`}
              agent={agent}
              now={now}
              showsCollector={severalCollectors}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

type RowProps = { readonly agent: Agent; readonly now: string; readonly showsCollector: boolean }

function AgentRow({ agent, now, showsCollector }: RowProps) {
  const drops = Object.entries(agent.drops ?? {}).filter(([, packets]) => packets > 0)
  return (
    <tr>
      <th scope="row">
        {agent.agent}
        {agent.listedAs !== undefined && agent.listedAs !== agent.agent && ` (${agent.listedAs})`}
      </th>
      <td>{count(agent.packets)}</td>
      <td>{agent.lastSeen === null ? '–' : timeOn(new Date(agent.lastSeen), new Date(now))}</td>
      <td>
        {agent.clockOffsetSeconds < 0 ? '−' : '+'}
        {Math.abs(agent.clockOffsetSeconds).toFixed(2)} s
      </td>
      <td>{[agent.address, ...(agent.transports ?? [])].filter(Boolean).join(' ') || '–'}</td>
      <td>{agent.authenticated ? 'right' : '–'}</td>
      <td title={drops.map(([reason, packets]) => `${words(reason)}: ${count(packets)}`).join('\n')}>
        {count(drops.reduce((sum, [, packets]) => sum + packets, 0))}
      </td>
      {showsCollector && <td>{agent.collector}</td>}
      <td>{agentFault(agent, new Date(now)) ?? '–'}</td>
    </tr>
  )
}

import type { Agent } from './api.ts'
import { agentFault } from './agent-fault.ts'
import { count, timeOn } from './format.ts'
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
        <table>
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col">Packets</th>
              <th scope="col">Last seen, UTC</th>
              <th scope="col">Clock</th>
              <th scope="col">Look at</th>
            </tr>
          </thead>
          <tbody>
            {agents.map(agent => (
              <tr key={agent.agent}>
                <th scope="row">{agent.agent}</th>
                <td>{count(agent.packets)}</td>
                <td>{timeOn(new Date(agent.lastSeen), new Date(now))}</td>
                <td>
                  {agent.clockOffsetSeconds < 0 ? '−' : '+'}
                  {Math.abs(agent.clockOffsetSeconds).toFixed(2)} s
                </td>
                <td>{agentFault(agent, new Date(now)) ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {agents.length === 0 && <p>No capture agent has sent anything.</p>}
      </div>
    </details>
  )
}

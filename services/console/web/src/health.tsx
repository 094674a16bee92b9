import type { ReactNode } from 'react'
import { Agents } from './agents.tsx'
import { messageKinds } from './api.ts'
import type { Agent, MessageKind, Snapshot } from './api.ts'
import { Figure } from './figure.tsx'
import { count, words } from './format.ts'
import { SeverityMark } from './severity-mark.tsx'

/** What each count of messages says; the ones with a fault in them are loud unless zero. */
const kinds: Record<MessageKind, { label: string; meaning: string; fault: boolean }> = {
  sip: { label: 'SIP messages', meaning: 'Messages with a SIP start line', fault: false },
  retransmissions: { label: 'retransmissions', meaning: 'Copies of a message that its sender repeated', fault: false },
  duplicates: { label: 'duplicates', meaning: 'Copies of a message seen at another capture point', fault: false },
  refreshes: { label: 'refreshes', meaning: 'Provisional responses repeated about every minute', fault: false },
  unparsable: { label: 'unparsable', meaning: 'SIP that cannot be read or lacks Call-ID or CSeq', fault: true },
  orphans: {
    label: 'orphans',
    meaning: 'Responses to an INVITE that was never seen: is an agent missing?',
    fault: true
  },
  late: { label: 'late', meaning: 'Came after its call was closed: is an agent slow, or its clock wrong?', fault: true }
}

/** Is what the figures rest on complete? Quiet while it is. */
export function Health({ snapshot, agents }: { readonly snapshot: Snapshot; readonly agents?: readonly Agent[] }) {
  const drops = Object.entries(snapshot.drops).filter(([, packets]) => packets > 0)
  const dropped = drops.reduce((sum, [, packets]) => sum + packets, 0)
  return (
    <section className="health" aria-label="Messages and agents">
      <ul>
        {messageKinds.map(kind => (
          <Item
            key={kind}
            value={snapshot.messages[kind] ?? 0}
            label={kinds[kind].label}
            meaning={kinds[kind].meaning}
            loud={kinds[kind].fault}
          />
        ))}
        <Item
          value={dropped}
          label="dropped"
          meaning={['Packets that were not read', ...drops.map(([reason, n]) => `${words(reason)}: ${count(n)}`)].join(
            '\n'
          )}
          loud
        >
          {drops.length > 0 && ` (${drops.map(([reason, n]) => `${words(reason)} ${count(n)}`).join(', ')})`}
        </Item>
      </ul>
      {agents && <Agents agents={agents} now={snapshot.now ?? new Date().toISOString()} />}
    </section>
  )
}

type ItemProps = { value: number; label: string; meaning: string; loud: boolean; children?: ReactNode }

function Item({ value, label, meaning, loud, children }: ItemProps) {
  const fault = loud && value > 0
  return (
    <li className={fault ? 'fault' : undefined} title={meaning}>
      {fault && <SeverityMark severity="warning" />}
      <Figure text={count(value)} /> {label}
      {children}
    </li>
  )
}

import type { Pipeline, Snapshot } from '../api.ts'
import { AgentTable } from '../agents.tsx'
import { age, count, timeOn, words } from '../format.ts'
import { Health } from '../health.tsx'
import { useLive } from '../use-live.tsx'
import { useLoaded } from '../use-loaded.ts'

/** Is what the figures rest on complete, and is everything running? */
export function PipelinePage() {
  const { snapshot, agents } = useLive()
  const { answer, trouble } = useLoaded<Pipeline>('api/pipeline', 5_000)
  return (
    <article>
      <h2 className="hidden">Pipeline</h2>
      {snapshot && <Health snapshot={snapshot} />}
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      <div className="panels">
        {answer && <Parts pipeline={answer} />}
        {answer && <Kept store={answer.store} now={answer.now} />}
        {snapshot && <Drops drops={snapshot.drops} />}
        {agents && (
          <section className="panel">
            <h3>Collectors</h3>
            <ul className="plain">
              {agents.collectors.map(({ collector, toldAt, drops }) => (
                <li key={collector}>
                  <strong>{collector}</strong> told {toldAt === null ? 'never' : timeOn(new Date(toldAt), new Date())}{' '}
                  UTC · {count(Object.values(drops).reduce((sum, packets) => sum + packets, 0))} packets dropped
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
      {agents && snapshot && (
        <section className="panel">
          <h3>Capture agents</h3>
          <AgentTable agents={agents.agents} now={snapshot.now ?? new Date().toISOString()} />
        </section>
      )}
    </article>
  )
}

/** What each part of the process does, for people. */
const does: Readonly<Record<string, string>> = {
  collector: 'takes HEP',
  correlator: 'makes attempts of messages',
  legs: 'joins the legs of a call',
  monitor: 'sums and detects',
  decisions: 'keeps what people decide',
  decided: 'reads what people decided',
  recorder: 'writes records to the store',
  figures: 'reads the sums',
  agents: 'reads what collectors tell',
  tokens: 'follows the file of tokens'
}

function Parts({ pipeline: { parts, watermark, now } }: { readonly pipeline: Pipeline }) {
  const behind = watermark === null ? undefined : (+new Date(now) - +new Date(watermark)) / 1e3
  return (
    <section className="panel">
      <h3>This process</h3>
      <ul className="plain">
        <li>
          {behind === undefined
            ? 'Nothing was counted yet.'
            : `The figures are ${age(Math.max(0, behind))} behind the clock.`}
        </li>
        {parts.map(({ name, ready, reason }) => (
          <li key={name} className={ready ? undefined : 'fault'}>
            <span aria-hidden="true">{ready ? '✓' : '✕'}</span> <strong>{name}</strong>{' '}
            {ready ? (does[name] ?? 'runs') : 'does not run'}
            {reason !== undefined && `: ${reason}`}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Kept({ store, now }: { readonly store: Pipeline['store']; readonly now: string }) {
  const { attempts, bytes, messagesBytes, oldest, staleMinutes } = store
  return (
    <section className="panel">
      <h3>Kept</h3>
      <ul className="plain">
        <li>
          {count(attempts)} attempts
          {oldest !== null && `, the oldest of ${timeOn(new Date(oldest), new Date(now))} UTC`}
        </li>
        <li>
          {megabytes(bytes)}, of which raw messages {megabytes(messagesBytes)}
        </li>
        <li>
          {staleMinutes === 0
            ? 'All sums over time are made.'
            : `The sums of ${count(staleMinutes)} minutes are to be made.`}
        </li>
      </ul>
    </section>
  )
}

const megabytes = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`

function Drops({ drops }: Pick<Snapshot, 'drops'>) {
  const rows = Object.entries(drops).filter(([, packets]) => packets > 0)
  return (
    <section className="panel">
      <h3>Packets that were not read</h3>
      {rows.length === 0 && <p className="remark">None.</p>}
      <ul className="plain">
        {rows
          .toSorted(([, a], [, b]) => b - a)
          .map(([reason, packets]) => (
            <li key={reason}>
              {count(packets)} {words(reason)}
            </li>
          ))}
      </ul>
    </section>
  )
}

import type { Call } from '../api.ts'
import { AttemptPanel } from '../call/attempt-panel.tsx'
import { LadderView } from '../call/ladder-view.tsx'
import { placeOf } from '../router.ts'
import { useLoaded } from '../use-loaded.ts'

/** One call with all its legs: what became of it, its messages as a ladder, and files of it to hand on. */
export function CallPage({ query }: { readonly query: URLSearchParams }) {
  const id = query.get('id') ?? ''
  const { answer, trouble, loading } = useLoaded<Call>(`api/call?id=${encodeURIComponent(id)}`)
  const call = answer?.callId === id ? answer : undefined
  return (
    <article className="call-page">
      <div className="title">
        <h2>
          Call <span className="call-id">{id}</span>
        </h2>
        {call && <Exports id={id} hasMessages={call.ladder !== undefined} />}
      </div>
      {trouble !== undefined && (
        <p role="alert" className="nothing-found">
          {trouble} Records come some seconds after an attempt has ended, and are kept for as long as the configuration
          says.
        </p>
      )}
      {!call && trouble === undefined && loading && <p className="connecting">Loading …</p>}
      {call && (
        <>
          {call.derived && (
            <p className="remark">Worked out from the messages: the records of this call are not written yet.</p>
          )}
          <div className="attempts-of-call">
            {call.attempts.map((attempt, at) => (
              <AttemptPanel
                key={attempt.id}
                attempt={attempt}
                verdict={call.verdicts[at] ?? []}
                leg={call.callIds.length > 1 ? call.callIds.indexOf(attempt.callId) : undefined}
              />
            ))}
          </div>
          {call.rejections.length > 0 && <Rejections rejections={call.rejections} />}
          {call.ladder ? (
            <LadderView ladder={call.ladder} callIds={call.callIds} query={query} />
          ) : (
            <p className="nothing-found">
              No message of this call is kept: raw messages are kept of calls with something to look at, and of a sample
              of the rest.
            </p>
          )}
        </>
      )}
    </article>
  )
}

function Exports({ id, hasMessages }: { readonly id: string; readonly hasMessages: boolean }) {
  const formats = [...(hasMessages ? (['pcap'] as const) : []), 'text', 'json'] as const
  return (
    <ul className="exports" aria-label="Files of this call">
      {formats.map(format => (
        <li key={format}>
          <a className="button" download href={placeOf('api/call/export', { id, format })}>
            {format === 'json' ? 'JSON' : format}
          </a>
        </li>
      ))}
    </ul>
  )
}

function Rejections({ rejections }: Pick<Call, 'rejections'>) {
  return (
    <ul className="rejections-of-call" aria-label="Rejected requests">
      {rejections.map(({ at, method, code, requester, responder, origin }) => (
        <li key={`${at} ${method} ${responder}`}>
          <strong>
            {method} {code}
          </strong>{' '}
          by {responder}, asked by {requester}
          {!origin && ' (passed on)'}
        </li>
      ))}
    </ul>
  )
}

import { diagnoses, type Attempt } from './api.ts'
import { duration, timeOn, words } from './format.ts'
import { Link } from './link.tsx'
import { OutcomeMark } from './outcome-mark.tsx'
import type { DiagnosisCode } from '../../answers/words.ts'

/** Attempts that were found, the newest first; each leads to its call. */
export function CallRows({ attempts }: { readonly attempts: readonly Attempt[] }) {
  if (attempts.length === 0) {
    return (
      <p className="nothing-found">
        No attempt that is kept is like that. Records come some seconds after an attempt has ended.
      </p>
    )
  }
  return (
    <div className="wide found" role="region" aria-label="Attempts found" tabIndex={0}>
      <table className="small lined">
        <thead>
          <tr>
            <th scope="col">Began, UTC</th>
            <th scope="col">Peer</th>
            <th scope="col">From → to</th>
            <th scope="col">Before the answer</th>
            <th scope="col">Outcome</th>
            <th scope="col" className="number">
              Early media
            </th>
            <th scope="col">To look at</th>
            <th scope="col">Call-ID</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map(attempt => (
            <Row key={attempt.id} attempt={attempt} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ attempt }: { readonly attempt: Attempt }) {
  const { callId, startedAt, peer, direction, from, to, class: early, outcome, status, diagnosis } = attempt
  const began = new Date(startedAt)
  return (
    <tr className={diagnosis ? 'diagnosed' : undefined}>
      <td data-label="Began">
        <time dateTime={startedAt}>{timeOn(began, new Date())}</time>
      </td>
      <td data-label="Peer" className="peer-name">
        <span aria-hidden="true">{direction === 'inbound' ? '←' : direction === 'outbound' ? '→' : '↔'}</span>{' '}
        <Link page="peer" query={{ name: peer }}>
          {peer}
        </Link>
        <span className="hidden"> {direction}</span>
      </td>
      <td data-label="From → to" className="digits">
        {userOf(from)} → {userOf(to)}
      </td>
      <td data-label="Before the answer">{words(early)}</td>
      <td data-label="Outcome" className="digits">
        <OutcomeMark outcome={outcome} /> {words(outcome)} {status > 0 && status !== 200 && status}
      </td>
      <td data-label="Early media" className="number">
        {attempt.earlyMediaSeconds > 0 ? duration(attempt.earlyMediaSeconds) : '–'}
      </td>
      <td data-label="To look at">
        {diagnosis?.codes.map(code => diagnoses[code as DiagnosisCode] ?? words(code)).join(', ') ?? ''}
      </td>
      <td data-label="Call-ID">
        <Link page="call" query={{ id: callId }} className="call-id" title={callId}>
          {callId}
        </Link>
      </td>
    </tr>
  )
}

/** `sip:+4930@host` and `+4930@host` as +4930. */
export const userOf = (party: string): string => party.replace(/^sips?:/i, '').split('@')[0] || '–'

import { useState } from 'react'
import type { Ladder } from '../api.ts'
import { go, placeOf } from '../router.ts'
import { LadderSvg } from './ladder-svg.tsx'
import { legName } from './leg-name.ts'
import { MessagePanel } from './message-panel.tsx'

type Props = { readonly ladder: Ladder; readonly callIds: readonly string[]; readonly query: URLSearchParams }

/** More at once is slow to draw, and nobody reads it. */
const rungsAtFirst = 200

/** The ladder with the message that the URL names beside it; without one that at fault, else the first. */
export function LadderView({ ladder, callIds, query }: Props) {
  const { rungs } = ladder
  const [all, setAll] = useState(false)
  const shown = all ? rungs : rungs.slice(0, rungsAtFirst)
  const named = Number(query.get('message') ?? NaN) - 1
  const chosen =
    named in rungs
      ? named
      : Math.max(
          0,
          rungs.findIndex(({ atFault }) => atFault.length > 0)
        )
  const choose = (index: number) =>
    go(placeOf('call', { ...Object.fromEntries(query), message: index + 1 }), { replace: true })
  const marks = [
    ...(rungs.some(({ earlyMedia }) => earlyMedia) ? ['early'] : []),
    ...(rungs.some(({ atFault }) => atFault.length > 0) ? ['fault'] : [])
  ]
  return (
    <div className="ladder-view">
      <section className="panel ladder" aria-label="Ladder">
        <div className="ladder-head">
          <h3>{rungs.length === 1 ? '1 message' : `${rungs.length} messages`}</h3>
          <ul className="legend">
            {marks.includes('early') && (
              <li>
                <i className="early-swatch" aria-hidden="true" /> early media can play
              </li>
            )}
            {marks.includes('fault') && (
              <li>
                <b className="fault-sign">✗</b> at fault
              </li>
            )}
            {callIds.length > 1 &&
              callIds.map((callId, leg) => (
                <li key={callId} title={callId}>
                  <span className="leg">{legName(leg)}</span> <span className="call-id">{callId}</span>
                </li>
              ))}
          </ul>
        </div>
        <LadderSvg ladder={{ ...ladder, rungs: shown }} chosen={chosen} choose={choose} several={callIds.length > 1} />
        {shown.length < rungs.length && (
          <button type="button" className="more" onClick={() => setAll(true)}>
            Show all {rungs.length} messages
          </button>
        )}
      </section>
      <MessagePanel rung={rungs[chosen]!} number={chosen + 1} />
    </div>
  )
}

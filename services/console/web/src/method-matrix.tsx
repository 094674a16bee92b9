import { useState } from 'react'
import type { Peer } from './api.ts'
import { methodRows, states } from './method-rows.ts'

/** More rows at once make a browser slow; the filter finds the others. */
const mostRows = 250

/** Which peer takes which method, of the rows that pass the filter. Drawn when it is opened. */
export function MethodMatrix({ peers }: { readonly peers: readonly Peer[] }) {
  const [open, setOpen] = useState(false)
  return (
    <details className="matrix" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Methods by peer</summary>
      {open && <Matrix peers={peers} />}
    </details>
  )
}

function Matrix({ peers }: { readonly peers: readonly Peer[] }) {
  const { methods, rows } = methodRows(peers)
  if (rows.length === 0) return <p className="remark">No peer has shown which methods it takes.</p>
  return (
    <>
      <ul className="legend">
        {Object.entries(states).map(([state, { mark, meaning }]) => (
          <li key={state}>
            <span className={`mark ${state}`}>{mark}</span> {state}: {meaning}
          </li>
        ))}
      </ul>
      <div className="wide">
        <table className="small">
          <thead>
            <tr>
              <th scope="col">peer</th>
              {methods.map(method => (
                <th key={method} scope="col">
                  {method}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, mostRows).map(({ peer, capabilities }) => (
              <tr key={peer}>
                <th scope="row">{peer}</th>
                {methods.map(method => (
                  <Cell key={method} state={capabilities.get(method)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function Cell({ state }: { readonly state: string | undefined }) {
  const known = state === undefined ? undefined : states[state]
  if (!known) return <td />
  return (
    <td>
      <span className={`mark ${state}`} role="img" aria-label={state} title={`${state}: ${known.meaning}`}>
        {known.mark}
      </span>
    </td>
  )
}

import type { Capability } from './api.ts'
import { count, timeOn } from './format.ts'
import { Link } from './link.tsx'
import { states } from './method-rows.ts'

type Props = { readonly methods: readonly Capability[]; readonly peer: string }

/** What a peer does with each method, and since when. */
export function CapabilityTable({ methods, peer }: Props) {
  const now = new Date()
  const time = (text: string | undefined) => (text === undefined ? '–' : timeOn(new Date(text), now))
  return (
    <div className="wide" role="region" aria-label="Methods" tabIndex={0}>
      <table className="small lined">
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col">State</th>
            <th scope="col">Accepted</th>
            <th scope="col">Last, UTC</th>
            <th scope="col">Rejected</th>
            <th scope="col">Last, UTC</th>
            <th scope="col">Allow lists it</th>
            <th scope="col">Calls to look at</th>
          </tr>
        </thead>
        <tbody>
          {methods.map(method => {
            const known = states[method.state]
            const since = method.regressedSince === undefined ? '' : ` since ${time(method.regressedSince)}`
            return (
              <tr key={method.method}>
                <th scope="row">{method.method}</th>
                <td className={`mark ${method.state}`} title={known?.meaning}>
                  <span aria-hidden="true">{known?.mark}</span> {method.state}
                  {since}
                </td>
                <td>{codesText(method.ok)}</td>
                <td>{time(method.lastOk)}</td>
                <td>{codesText(method.rejected)}</td>
                <td>{time(method.lastRejected)}</td>
                <td>{method.advertised === 'unknown' ? '–' : method.advertised}</td>
                <td>
                  {method.callIds.rejected.slice(0, 3).map((callId, at) => (
                    <Link key={callId} page="call" query={{ id: callId }} className="call-id" title={callId}>
                      call {at + 1}
                    </Link>
                  ))}
                  {Object.keys(method.rejected).length > 0 && (
                    <Link page="calls" query={{ peer, method: method.method }}>
                      all
                    </Link>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** 200: 1,234 · 488: 2 */
const codesText = (codes: Readonly<Record<string, number>>): string =>
  Object.entries(codes)
    .map(([code, transactions]) => `${code}: ${count(transactions)}`)
    .join(' · ') || '–'

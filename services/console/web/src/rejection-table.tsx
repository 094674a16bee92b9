import type { Peer } from './api.ts'
import { heat } from './figures.ts'
import { count, words } from './format.ts'

/** Rejections by the method's own name, also where the matrix says OTHER. */
export function RejectionTable({ peer }: { readonly peer: Peer }) {
  const rejections = peer.rejections.filter(r => r.transactions > 0).toSorted((a, b) => b.transactions - a.transactions)
  return (
    <>
      <h3>Rejected methods</h3>
      {rejections.length === 0 && <p className="remark">No method was answered 501 or 405.</p>}
      {rejections.length > 0 && (
        <table className="small">
          <thead>
            <tr>
              <th scope="col">method</th>
              <th scope="col">code</th>
              <th scope="col">transactions</th>
              <th scope="col">in its Allow</th>
              {peer.capabilities && <th scope="col">state</th>}
            </tr>
          </thead>
          <tbody>
            {rejections.map(({ method, code, transactions }) => (
              <tr key={`${code} ${method}`}>
                <th scope="row" title={method}>
                  {method}
                </th>
                <td>
                  <span className={`chip code-${code} heat-${heat(transactions)}`}>
                    <small>{code}</small>
                  </span>
                </td>
                <td>{count(transactions)}</td>
                <td>{peer.allow.length === 0 ? 'never seen' : peer.allow.includes(method) ? 'yes' : 'no'}</td>
                {peer.capabilities && <td>{words(peer.capabilities[method] ?? 'unknown')}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

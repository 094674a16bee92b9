import type { Peer } from './api.ts'

/** What the peer says it takes, marked where it then does not. */
export function AllowSet({ peer }: { readonly peer: Peer }) {
  const rejected = new Set(peer.rejections.filter(r => r.transactions > 0).map(r => r.method))
  return (
    <>
      <h3>Allow</h3>
      {peer.allow.length === 0 && <p className="remark">It sent no Allow header.</p>}
      <ul className="allow">
        {peer.allow.map(method => (
          <li key={method} className={rejected.has(method) ? 'contradicted' : undefined}>
            {method}
            {rejected.has(method) && <small> rejected</small>}
          </li>
        ))}
      </ul>
    </>
  )
}

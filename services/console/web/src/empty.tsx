import type { Snapshot } from './api.ts'
import { count, words } from './format.ts'

/** No peer yet: says what is missing, as far as it can be told, and how to get it here. */
export function Empty({ snapshot }: { readonly snapshot: Snapshot }) {
  const sip = snapshot.messages.sip ?? 0
  const drops = Object.entries(snapshot.drops).filter(([, packets]) => packets > 0)
  return (
    <section className="empty">
      <h2>{sip > 0 ? 'No call attempt yet' : drops.length > 0 ? 'Packets arrive, but none is read' : 'Listening'}</h2>
      {sip > 0 && (
        <p>{count(sip)} SIP messages arrived, but no INVITE that starts a call. Does the agent see both directions?</p>
      )}
      {sip === 0 && drops.length > 0 && (
        <p>Dropped: {drops.map(([reason, packets]) => `${words(reason)} ${count(packets)}`).join(', ')}.</p>
      )}
      {sip === 0 && drops.length === 0 && <p>Nothing has been received yet.</p>}
      <dl>
        <dt>From an SBC, proxy or capture agent</dt>
        <dd>
          Send <b>HEP</b> (version 1, 2 or 3) to this machine, <b>port 9060</b>, UDP or TCP.
        </dd>
        <dt>From a capture file</dt>
        <dd>
          <code>npx earshot replay FILE --to 127.0.0.1:9060</code>
        </dd>
        <dt>To look around first</dt>
        <dd>
          <code>npm run demo</code>
        </dd>
      </dl>
      <p className="remark">This page fills by itself.</p>
    </section>
  )
}

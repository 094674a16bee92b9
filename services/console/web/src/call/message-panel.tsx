import { useEffect, useState } from 'react'
import { diagnoses, type Rung } from '../api.ts'
import type { DiagnosisCode } from '../../../answers/words.ts'
import { words } from '../format.ts'

/** One message as it was on the wire. */
export function MessagePanel({ rung, number }: { readonly rung: Rung; readonly number: number }) {
  const { at, source, destination, transport, agent, copies, label, text, atFault, facts } = rung
  return (
    <section className="panel message" aria-label={`Message ${number}`}>
      <div className="ladder-head">
        <h3 aria-live="polite">
          {number}. {label}
        </h3>
        <Copy text={text} key={number} />
      </div>
      {atFault.length > 0 && (
        <p className="finding">
          <b className="fault-sign">✗</b>{' '}
          {atFault.map(code => diagnoses[code as DiagnosisCode] ?? words(code)).join(', ')}
        </p>
      )}
      <p className="remark">
        {at.slice(0, 10)} {at.slice(11, -1)} UTC · {source} → {destination} · {transport} · seen by{' '}
        {agent || 'an agent without a name'}
        {copies > 1 && ` · ${copies} copies`}
      </p>
      {facts.length > 0 && <p className="remark">{facts.join(' · ')}</p>}
      <pre tabIndex={0} aria-label={`Text of ${label}`}>
        {text.replaceAll('\r\n', '\n')}
      </pre>
    </section>
  )
}

function Copy({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), 1_500)
    return () => clearTimeout(timer)
  }, [copied])
  // Only where the page is served securely, or from this machine.
  if (navigator.clipboard === undefined) return undefined
  return (
    <button type="button" onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
      {copied ? 'Copied' : 'Copy'}
    </button>
  )
}

import type { Severity } from './problems.ts'

/** Nothing to look at is a light too. */
type Light = Severity | 'ok'

const shapes: Record<Light, string> = {
  alarm: 'M8 1.2 15.4 14.6H.6Z',
  warning: 'M8 .8 15.2 8 8 15.2.8 8Z',
  notice: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3Z',
  ok: 'M3.4 8.4l3 3 6.2-6.6'
}

/** A shape for each severity, so that it is told without its colour. */
export function SeverityMark({ severity, label }: { readonly severity: Light; readonly label?: string }) {
  return (
    <svg
      className={`mark-${severity}`}
      viewBox="0 0 16 16"
      width="14"
      height="14"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <path d={shapes[severity]} />
      {(severity === 'alarm' || severity === 'warning') && (
        <path className="bang" d={severity === 'alarm' ? 'M8 6v4M8 12.2v.6' : 'M8 4.6v4M8 10.8v.6'} />
      )}
    </svg>
  )
}

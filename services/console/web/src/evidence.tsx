import type { Alert } from './api.ts'

/** Figures that an alert rests on, besides the sample calls. */
export function Evidence({ evidence }: Pick<Alert, 'evidence'>) {
  const facts = Object.entries(evidence).filter(([name]) => name !== 'callIds')
  if (facts.length === 0) return undefined
  return (
    <dl className="facts" aria-label="Evidence">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{spelled(name)}</dt>
          <dd>{textOf(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

/** rejectedShare → rejected share */
const spelled = (name: string): string => name.replaceAll(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)

function textOf(value: Alert['evidence'][string]): string {
  if (typeof value === 'number') return Number.isInteger(value) ? value.toLocaleString('en') : value.toPrecision(3)
  if (typeof value !== 'string') return value.join(', ') || 'none'
  return /^\d{4}-\d\d-\d\dT/.test(value) ? `${value.replace('T', ' ').replace(/(\.\d+)?Z$/, '')} UTC` : value
}

import type { Counts, Outcome } from './api.ts'
import { Figure } from './figure.tsx'
import { segments, segmentsOf } from './figures.ts'
import { count, shortCount, words } from './format.ts'

type Props = { readonly attempts: number; readonly outcomes: Counts<Outcome> }

/** Shares as a bar, counts below it in fixed places, so that a count can be followed down the rows. */
export function OutcomeBar({ attempts, outcomes }: Props) {
  const counts = segmentsOf(attempts, outcomes)
  return (
    <div className="outcomes">
      <div className="bar" aria-hidden="true">
        {segments
          .filter(segment => counts[segment] > 0)
          .map(segment => (
            <i
              key={segment}
              className={segment}
              style={{ flexGrow: counts[segment] }}
              title={`${words(segment)}: ${count(counts[segment])}`}
            />
          ))}
      </div>
      <ul className="counts">
        {segments.map(segment => (
          <li key={segment} className={counts[segment] === 0 ? 'zero' : undefined}>
            <i className={`swatch ${segment}`} aria-hidden="true" />
            <span className="segment-name">{words(segment)} </span>
            <Figure text={shortCount(counts[segment])} />
          </li>
        ))}
      </ul>
    </div>
  )
}

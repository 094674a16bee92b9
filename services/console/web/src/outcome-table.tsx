import { outcomes } from './api.ts'
import type { Outcome, Tally } from './api.ts'
import { ratio, segments, settled } from './figures.ts'
import type { Segment } from './figures.ts'
import { count, percent, words } from './format.ts'

/** Every outcome, of all attempts and of those with early media, so that the two can be compared. */
export function OutcomeTable({ tally }: { readonly tally: Tally }) {
  const { earlyMedia } = tally
  return (
    <section>
      <h3>Outcomes</h3>
      <table className="small">
        <thead>
          <tr>
            <td />
            <th scope="col" colSpan={2}>
              all attempts
            </th>
            <th scope="col" colSpan={2}>
              early media
            </th>
          </tr>
        </thead>
        <tbody>
          {outcomes.map(outcome => (
            <tr key={outcome}>
              <th scope="row">
                <i className={`swatch ${segmentOf(outcome)}`} aria-hidden="true" /> {words(outcome)}
              </th>
              <Pair outcome={outcome} tally={tally} />
              <Pair outcome={outcome} tally={earlyMedia} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">attempts</th>
            <td>{count(tally.attempts)}</td>
            <td />
            <td>{count(earlyMedia.attempts)}</td>
            <td />
          </tr>
        </tfoot>
      </table>
    </section>
  )
}

const segmentOf = (outcome: Outcome): Segment => segments.find(segment => segment === outcome) ?? 'failed'

function Pair({ outcome, tally }: { outcome: Outcome; tally: Pick<Tally, 'attempts' | 'outcomes'> }) {
  const attempts = tally.outcomes[outcome] ?? 0
  if (attempts === 0) {
    return (
      <>
        <td className="zero">0</td>
        <td />
      </>
    )
  }
  return (
    <>
      <td>{count(attempts)}</td>
      {/* Open attempts are outside every ratio. */}
      <td className="share">{outcome === 'open' ? '' : percent(ratio(attempts, settled(tally)))}</td>
    </>
  )
}

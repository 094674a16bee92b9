import { earlyMediaClasses } from './api.ts'
import type { EarlyMediaClass, Tally } from './api.ts'
import { ratio } from './figures.ts'
import { count, percent, words } from './format.ts'

const meanings: Record<EarlyMediaClass, string> = {
  early_media: 'media can reach the caller',
  unusable: 'no media can reach the caller',
  vetoed: 'forbidden by P-Early-Media',
  precondition: 'waits for resources',
  progress: '181–183 without SDP',
  ringing: '180 without SDP',
  none: 'no provisional response'
}

/** How far each attempt got before its final response. The bars share one scale: all attempts. */
export function ClassTable({ tally }: { readonly tally: Tally }) {
  return (
    <section>
      <h3>Before the answer</h3>
      <table className="small classes">
        <tbody>
          {earlyMediaClasses.map(name => {
            const attempts = tally.classes[name] ?? 0
            return (
              <tr key={name}>
                <th scope="row">
                  {words(name)}
                  <small>{meanings[name]}</small>
                </th>
                <td className={attempts === 0 ? 'zero' : undefined}>{count(attempts)}</td>
                <td className="share">
                  {attempts > 0 && percent(ratio(attempts, tally.attempts))}
                  <svg className="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                    <rect className="track" width="100" height="4" />
                    <rect width={100 * (ratio(attempts, tally.attempts) ?? 0)} height="4" />
                  </svg>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <p className="remark">Shares of all attempts, open ones included.</p>
    </section>
  )
}

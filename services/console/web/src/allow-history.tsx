import type { AllowChanges } from './api.ts'
import { timeOn } from './format.ts'

/** Where a list of methods stood. */
const sources: Readonly<Record<string, string>> = {
  options: 'answers to OPTIONS',
  provisional: '18x',
  answer: '2xx',
  '405': '405',
  '501': '501'
}

/** When the peer's Allow changed, and how; newest first. */
export function AllowHistory({ changes }: Pick<AllowChanges, 'changes'>) {
  const now = new Date()
  return (
    <section className="panel">
      <h3>Changes of its Allow</h3>
      <ul className="changes">
        {changes.slice(0, 50).map(({ at, source, methods, came, went }) => (
          <li key={`${at} ${source}`}>
            <time dateTime={at}>{timeOn(new Date(at), now)}</time> in {sources[source] ?? source}:{' '}
            {came.length + went.length === 0 ? (
              <>lists {methods.join(' ') || 'nothing'}</>
            ) : (
              <>
                {went.length > 0 && <strong className="went">no more {went.join(' ')}</strong>}
                {went.length > 0 && came.length > 0 && ', '}
                {came.length > 0 && <>new {came.join(' ')}</>}
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

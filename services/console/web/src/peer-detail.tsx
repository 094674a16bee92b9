import { AllowSet } from './allow-set.tsx'
import { ClassTable } from './class-table.tsx'
import { count, percent } from './format.ts'
import type { Minutes } from './history.ts'
import { Link } from './link.tsx'
import { OutcomeTable } from './outcome-table.tsx'
import type { Row } from './problems.ts'
import { RejectionTable } from './rejection-table.tsx'
import { SeverityMark } from './severity-mark.tsx'
import { Sparkline } from './sparkline.tsx'

/** Everything that is known of one row. */
export function PeerDetail({ row, minutes }: { readonly row: Row; readonly minutes: Minutes | undefined }) {
  const { peer, problems } = row
  const perMinute = (value: number | undefined) => count(value ?? 0)
  return (
    <div className="peer-detail">
      <p className="leads">
        <Link page="peer" query={{ name: peer.peer }}>
          Everything about {peer.peer}
        </Link>
        <Link page="calls" query={{ peer: peer.peer, direction: peer.direction }}>
          Its calls
        </Link>
        <Link page="capacity" query={{ name: peer.peer }}>
          Its capacity
        </Link>
      </p>
      {problems.length > 0 && (
        <ul className="problems">
          {problems.map(problem => (
            <li key={problem.headline} className={problem.severity}>
              <SeverityMark severity={problem.severity} label={problem.severity} />
              <span>
                <strong>{problem.headline}.</strong> {problem.advice}
              </span>
            </li>
          ))}
        </ul>
      )}
      <OutcomeTable tally={peer} />
      <ClassTable tally={peer} />
      <section>
        <RejectionTable peer={peer} />
        <AllowSet peer={peer} />
      </section>
      {minutes && minutes.times.length > 1 && (
        <section className="charts">
          <h3>Last hour, per minute</h3>
          <Sparkline title="Attempts" values={minutes.attempts} times={minutes.times} format={perMinute} />
          <Sparkline title="With early media" values={minutes.earlyMedia} times={minutes.times} format={perMinute} />
          <Sparkline title="EM-ASR" values={minutes.earlyMediaAnswerRate} times={minutes.times} format={percent} />
          <Sparkline title="501 and 405" values={minutes.rejections} times={minutes.times} format={perMinute} />
        </section>
      )}
    </div>
  )
}

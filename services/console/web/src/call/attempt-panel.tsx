import type { Attempt } from '../api.ts'
import { userOf } from '../call-rows.tsx'
import { duration, words } from '../format.ts'
import { Link } from '../link.tsx'
import { OutcomeMark } from '../outcome-mark.tsx'
import { legName } from './leg-name.ts'

type Props = {
  readonly attempt: Attempt
  /** In sentences; the first says how it ended, the second what was heard. */
  readonly verdict: readonly string[]
  /** Index of its Call-ID, where there are several. */
  readonly leg: number | undefined
}

/** What became of one attempt, and why. */
export function AttemptPanel({ attempt, verdict, leg }: Props) {
  const { peer, direction, from, to, outcome, status, class: early, earlyMediaSeconds, diagnosis, startedAt } = attempt
  const [, , ...findings] = verdict
  return (
    <section className={diagnosis ? 'panel attempt diagnosed' : 'panel attempt'} aria-label={`Attempt to ${peer}`}>
      <h3>
        {leg !== undefined && <span className="leg">{legName(leg)}</span>}
        <OutcomeMark outcome={outcome} /> {words(outcome)} {status > 0 && status}
        <span className="where">
          {' '}
          {direction}{' '}
          <Link page="peer" query={{ name: peer }}>
            {peer}
          </Link>
        </span>
      </h3>
      <dl className="facts">
        <Fact name="began">
          {startedAt.slice(0, 10)} {startedAt.slice(11, 23)} UTC
        </Fact>
        <Fact name="from">{userOf(from)}</Fact>
        <Fact name="to">{userOf(to)}</Fact>
        <Fact name="before the answer">{words(early)}</Fact>
        {earlyMediaSeconds > 0 && <Fact name="early media">{duration(earlyMediaSeconds)}</Fact>}
        {attempt.timeToEarlyMedia !== undefined && <Fact name="after">{duration(attempt.timeToEarlyMedia)}</Fact>}
        {attempt.ringSeconds !== undefined && <Fact name="rang">{duration(attempt.ringSeconds)}</Fact>}
        {attempt.effectiveCause !== undefined && <Fact name="cause">Q.850 {attempt.effectiveCause}</Fact>}
        {attempt.flags.length > 0 && <Fact name="flags">{attempt.flags.map(words).join(', ')}</Fact>}
      </dl>
      {findings.map(line => (
        <p key={line} className={line === diagnosis?.text ? 'finding' : 'remark'}>
          {line}
        </p>
      ))}
    </section>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

import type { ReactNode } from 'react'
import { Figure } from './figure.tsx'
import {
  answerRate,
  earlyMediaAnswerRate,
  earlyMediaRate,
  methodLabels,
  rejected,
  secondsPerEarlyMedia,
  settled,
  sumOf
} from './figures.ts'
import { count, duration, percent, shortCount } from './format.ts'
import { severities, worst } from './problems.ts'
import type { Row } from './problems.ts'
import { SeverityMark } from './severity-mark.tsx'

/** The whole network in a few figures, whatever the table is filtered to. */
export function Totals({ rows, calls }: { readonly rows: readonly Row[]; readonly calls: number }) {
  const sum = sumOf(rows.map(row => row.peer))
  const answered = sum.outcomes.answered ?? 0
  return (
    <dl className="totals">
      <Urgency rows={rows} />
      <Tile label="Attempts" text={bigCount(sum.attempts)} note={`${count(calls)} calls`} />
      <Tile
        label="Answered"
        text={percent(answerRate(sum))}
        note={`${shortCount(answered)} of ${shortCount(settled(sum))}`}
      />
      <Tile
        label="Early media"
        text={percent(earlyMediaRate(sum))}
        note={`${count(sum.earlyMedia.attempts)} attempts`}
        title="Attempts with early media, of those that ended"
      />
      <Tile
        label="EM-ASR"
        text={percent(earlyMediaAnswerRate(sum))}
        note={`${shortCount(sum.earlyMedia.outcomes.answered ?? 0)} of ${shortCount(settled(sum.earlyMedia))}`}
        title="Answered after early media"
      />
      <Tile
        label="Early-media time"
        text={duration(sum.earlyMedia.seconds)}
        note={`${duration(secondsPerEarlyMedia(sum))} each`}
      />
      {[501, 405].map(code => (
        <Tile
          key={code}
          label={code === 501 ? '501 Not implemented' : '405 Not allowed'}
          text={bigCount(rejected(sum, undefined, code))}
          note={byMethod(sum, code)}
        />
      ))}
    </dl>
  )
}

const bigCount = (value: number): string => (value < 1e6 ? count(value) : shortCount(value))

const byMethod = (sum: Parameters<typeof rejected>[0], code: number): string =>
  methodLabels
    .map(method => ({ method, transactions: rejected(sum, method, code) }))
    .filter(({ transactions }) => transactions > 0)
    .toSorted((a, b) => b.transactions - a.transactions)
    .map(({ method, transactions }) => `${method} ${shortCount(transactions)}`)
    .join(' · ') || 'none'

type TileProps = { label: string; text: string; note: string; title?: string }

function Tile({ label, text, note, title }: TileProps) {
  return (
    <Pane label={label} note={note} title={title}>
      <Figure text={text} />
    </Pane>
  )
}

function Urgency({ rows }: { rows: readonly Row[] }) {
  const levels = severities.filter(severity => severity !== 'notice')
  const of = (severity: string) => rows.filter(row => worst(row.problems) === severity).length
  return (
    <Pane label="To look at" note={`of ${count(rows.length)} rows`}>
      {levels.map(severity => (
        <span key={severity} className={of(severity) > 0 ? `urgency ${severity}` : 'urgency'}>
          <SeverityMark severity={severity} label={severity === 'alarm' ? 'alarms' : 'warnings'} />
          <Figure text={count(of(severity))} />
        </span>
      ))}
    </Pane>
  )
}

type PaneProps = { label: string; note: string; title?: string | undefined; children: ReactNode }

function Pane({ label, note, title, children }: PaneProps) {
  return (
    <div title={title}>
      <dt>{label}</dt>
      <dd className="large">{children}</dd>
      <dd className="note" title={note}>
        {note}
      </dd>
    </div>
  )
}

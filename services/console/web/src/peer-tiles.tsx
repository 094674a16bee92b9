import type { Series } from './api.ts'
import { count, duration, percent } from './format.ts'

/** The figures of a peer over the period. */
export function PeerTiles({ total, period }: { readonly total: Series['total']; readonly period: string }) {
  const { figures, earlyMedia, attempts, outcomes } = total
  const share = (value: number | null) => percent(value ?? undefined)
  const seconds = (value: number | null) => duration(value ?? undefined)
  const tiles = [
    { label: 'Attempts', text: count(attempts), note: `${count(outcomes.answered ?? 0)} answered` },
    { label: 'ASR', text: share(figures.asr), note: `NER ${share(figures.ner)}`, title: 'ITU-T E.425; seizures' },
    { label: 'Early media', text: share(figures.earlyMediaRate), note: `${count(earlyMedia.attempts)} attempts` },
    {
      label: 'EM-ASR',
      text: share(figures.earlyMediaAsr),
      note: `abandoned ${share(figures.earlyMediaAbandonRate)}`,
      title: 'Answered after early media'
    },
    {
      label: 'Early-media time',
      text: duration(earlyMedia.seconds),
      note: `${(figures.earlyMediaErlangs ?? 0).toFixed(2)} erlangs unbilled`
    },
    {
      label: 'Request delay',
      text: seconds(figures.srd.success.p50),
      note: `p95 ${seconds(figures.srd.success.p95)}`,
      title: 'RFC 6076 SRD: INVITE to the first 18x or 2xx, median'
    },
    { label: 'Talk time', text: seconds(figures.acd), note: `${count(figures.sdt.count)} calls ended`, title: 'ACD' }
  ]
  return (
    <dl className="tiles" aria-label={period}>
      {tiles.map(({ label, text, note, title }) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd className="large">{text}</dd>
          <dd className="note">{note}</dd>
        </div>
      ))}
    </dl>
  )
}

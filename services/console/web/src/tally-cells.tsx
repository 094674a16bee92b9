import type { Tally } from './api.ts'
import { Figure } from './figure.tsx'
import { earlyMediaAnswerRate, earlyMediaRate, secondsPerEarlyMedia, settled } from './figures.ts'
import type { MethodLabel } from './figures.ts'
import { count, duration, percent, shortCount } from './format.ts'
import { OutcomeBar } from './outcome-bar.tsx'
import { RejectionCell } from './rejection-cell.tsx'
import { TrendLine } from './sparkline.tsx'

type Props = {
  readonly tally: Tally
  readonly methods: readonly MethodLabel[]
  readonly perMinute?: readonly number[] | undefined
  /** A sum has no heat: it would always be the hottest. */
  readonly heated: boolean
}

/** The cells after the name: of a peer, or of the sum. */
export function TallyCells({ tally, methods, perMinute, heated }: Props) {
  const { earlyMedia, responses183 } = tally
  return (
    <>
      <td role="cell" className="attempts" data-label="Attempts">
        <Figure text={shortCount(tally.attempts)} title={count(tally.attempts)} />
        <span className="below">{perMinute && <TrendLine values={perMinute} />}</span>
      </td>
      <td role="cell" className="em-outcomes">
        <OutcomeBar attempts={earlyMedia.attempts} outcomes={earlyMedia.outcomes} />
      </td>
      <td role="cell" className="em-rate" data-label="EM rate">
        <Figure text={percent(earlyMediaRate(tally))} />
        <span className="below" data-unit="attempts" title="Attempts with early media, open ones included">
          {earlyMedia.attempts > 0 && shortCount(earlyMedia.attempts)}
        </span>
      </td>
      <td role="cell" className="em-asr" data-label="EM-ASR">
        <Figure
          text={percent(earlyMediaAnswerRate(tally))}
          title={`${count(earlyMedia.outcomes.answered ?? 0)} of ${count(settled(earlyMedia))}`}
        />
      </td>
      <td role="cell" className="em-time" data-label="EM time">
        <Figure text={duration(earlyMedia.seconds)} title={`${count(earlyMedia.seconds)} seconds`} />
        <span className="below" data-unit="each" title="Per attempt that had early media">
          {earlyMedia.attempts > 0 && duration(secondsPerEarlyMedia(tally))}
        </span>
      </td>
      <td role="cell" className="sdp183" data-label="183 SDP">
        <Figure text={shortCount(responses183.withSdp)} title="183 with SDP" />
        <span className="below" data-unit="without" title="183 without SDP">
          {shortCount(responses183.withoutSdp)}
        </span>
      </td>
      {methods.map((method, i) => (
        <RejectionCell key={method} tally={tally} method={method} first={i === 0} heated={heated} />
      ))}
    </>
  )
}

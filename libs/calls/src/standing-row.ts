import type { Standing } from './attempt.ts'
import type { Direction } from './party.ts'
import { earlyClasses, outcomes, type CallScope, type CancelKind } from './records.ts'

/** How an attempt was shown, as part of its call's text. */
export type StandingRow = [
  earlyClass: number,
  outcome: number,
  seconds: number,
  withSdp: number,
  withoutSdp: number,
  /** What follows is absent from the first texts of format 2. */
  status?: number,
  firstCode?: number,
  /** 1 where a 180 was seen. */
  alerted?: number,
  /** 0 without one. */
  effectiveCause?: number,
  /** -1 without one. */
  sessionRequestDelay?: number,
  cancel?: CancelKind | 0,
  repeats?: readonly CallScope[],
  answerRepeats?: readonly CallScope[],
  retries?: readonly number[]
]

export function standingRow(standing: Standing): StandingRow {
  const { earlyMediaSeconds, responses183, repeats, answerRepeats, retries } = standing
  const row: StandingRow = [
    earlyClasses.indexOf(standing.class),
    outcomes.indexOf(standing.outcome),
    earlyMediaSeconds,
    responses183.withSdp,
    responses183.withoutSdp
  ]
  const { status, firstCode, alerted, effectiveCause = 0, sessionRequestDelay = -1, cancel = 0 } = standing
  row.push(status, firstCode, alerted ? 1 : 0, effectiveCause, sessionRequestDelay)
  if (retries) row.push(cancel, repeats ?? [], answerRepeats ?? [], retries)
  else if (repeats || answerRepeats) row.push(cancel, repeats ?? [], answerRepeats ?? [])
  else if (cancel !== 0) row.push(cancel)
  return row
}

export function readStanding(peer: string, direction: Direction, row: StandingRow): Standing {
  const [earlyClass, outcome, earlyMediaSeconds, withSdp, withoutSdp, status = 0, firstCode = 0, ...rest] = row
  const [alerted = 0, effectiveCause = 0, sessionRequestDelay = -1, cancel = 0, ...optional] = rest
  const [repeats = [], answerRepeats = [], retries = []] = optional
  return {
    peer,
    direction,
    class: earlyClasses[earlyClass]!,
    outcome: outcomes[outcome]!,
    status,
    ...(cancel !== 0 && { cancel }),
    firstCode,
    alerted: alerted === 1,
    earlyMediaSeconds,
    responses183: { withSdp, withoutSdp },
    ...(effectiveCause > 0 && { effectiveCause }),
    ...(sessionRequestDelay >= 0 && { sessionRequestDelay }),
    ...(repeats.length > 0 && { repeats }),
    ...(answerRepeats.length > 0 && { answerRepeats }),
    ...(retries.length > 0 && { retries })
  }
}

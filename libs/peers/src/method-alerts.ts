import { epochMicros } from '@earshot/units'
import { adviceOf, impactOf, type AllowDifference } from './advice.ts'
import { alertId } from './alert-id.ts'
import type { Alert } from './alert.ts'
import { lostIn, type AllowTrack } from './allow-sets.ts'
import type { Cell } from './capability-matrix.ts'
import type { Regression } from './regressions.ts'
import { secondText } from './second-text.ts'

const at = (second: number) => epochMicros(second * 1e6)

/** What the last set of a peer lists, and what it listed before: of the set that lost the method, else of the latest. */
export function differenceOf(tracks: readonly AllowTrack[], method: string): AllowDifference | undefined {
  const track = tracks.findLast(each => lostIn(each).includes(method)) ?? tracks.at(-1)
  return track && { now: track.methods, lost: lostIn(track) }
}

export function regressionAlert(
  { peer, method, since, raised, codes, callIds, ok }: Regression,
  cell: Cell | undefined,
  allow: AllowDifference | undefined
): Alert {
  const about = { kind: 'method_regression', peer, method, startedAt: at(since) } as const
  const worked = cell?.lastOk === undefined ? '' : `; it last worked ${secondText(cell.lastOk)}`
  return {
    id: alertId(about),
    ...about,
    severity: impactOf(method).severity,
    raisedAt: at(raised),
    summary: `${peer} rejects ${method} with ${codes.join(' and ')} since ${secondText(since)}${worked}`,
    evidence: {
      codes: codes.map(String),
      ok,
      callIds,
      ...(cell?.okCallId !== undefined && { lastGoodCallId: cell.okCallId }),
      ...(allow && { allow: allow.now, allowLost: allow.lost })
    },
    advice: adviceOf(method, allow),
    runbook: 'method-regression'
  }
}

export function allowDropAlert(track: AllowTrack, method: string, since: number, raised: number): Alert {
  const { peer, source, agent, methods } = track
  const about = { kind: 'allow_drop', peer, method, startedAt: at(since) } as const
  const lost = lostIn(track)
  return {
    id: alertId(about),
    ...about,
    severity: 'warning',
    raisedAt: at(raised),
    summary: `${peer} does not list ${method} in its Allow any more, since ${secondText(since)} (${sourceText(source)})`,
    evidence: { source, agent, allow: methods, allowLost: lost },
    advice: adviceOf(method, { now: methods, lost }),
    runbook: 'allow-drop'
  }
}

const sourceText = (source: AllowTrack['source']): string =>
  ({
    options: 'answers to OPTIONS',
    provisional: 'provisional responses',
    answer: 'answers to INVITE',
    '405': '405 responses',
    '501': '501 responses',
    request: 'its requests'
  })[source]

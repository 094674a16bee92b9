import type { SeriesRow, Side } from '@earshot/store'

/** The rows of one direction, or of all that there are. */
export type SideRows = {
  readonly direction: Side
  /** Whether that is everything: both directions, or the only one. */
  readonly isWhole: boolean
  readonly rows: readonly SeriesRow[]
}

/** Each direction on its own, then both together; where there is a single one only that. */
export function sidesOf(rows: readonly SeriesRow[]): SideRows[] {
  const sides = Map.groupBy(rows, ({ direction }) => direction)
  const [inbound, outbound, both = []] = [sides.get('inbound'), sides.get('outbound'), sides.get('both')]
  if (inbound && outbound) {
    return [
      { direction: 'inbound', isWhole: false, rows: inbound },
      { direction: 'outbound', isWhole: false, rows: outbound },
      { direction: 'both', isWhole: true, rows: both }
    ]
  }
  const only = inbound ? 'inbound' : outbound ? 'outbound' : undefined
  return only ? [{ direction: only, isWhole: true, rows: both }] : []
}

export const attemptsOf = ({ sums }: SeriesRow): number =>
  Object.values(sums.attempts).reduce((all, outcomes) => all + Object.values(outcomes).reduce((a, b) => a + b, 0), 0)

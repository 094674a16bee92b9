import type { Ladder } from '../api.ts'

/** Where things are in the drawing of a ladder, in pixels. */
export type Layout = {
  readonly width: number
  readonly height: number
  /** Of each column's lifeline. */
  readonly columns: readonly number[]
  /** Of each rung's arrow. */
  readonly rungs: readonly number[]
  /** Width of a column's head. */
  readonly headWidth: number
  /** Parts of the bar beside the times where early media can play. */
  readonly early: readonly { readonly from: number; readonly to: number }[]
}

export const headHeight = 44
export const rungHeight = 42
/** Bar, sign and time. */
export const gutter = 92

const narrowest = 128
const widest = 420
const edge = 64

/** Lifelines share the room, and take more than there is rather than be too near to each other. */
export function layoutOf({ columns, rungs }: Ladder, room: number): Layout {
  const gaps = Math.max(1, columns.length - 1)
  const gap = Math.max(narrowest, Math.min(widest, (room - gutter - 2 * edge) / gaps))
  const places = columns.map((_, at) => gutter + edge + at * gap)
  const heights = rungs.map((_, at) => headHeight + rungHeight * (at + 0.65))
  return {
    width: (places.at(-1) ?? 0) + (columns.length === 1 ? gap : 0) + edge,
    height: headHeight + rungHeight * rungs.length + 8,
    columns: places,
    rungs: heights,
    headWidth: gap - 10,
    early: earlyParts(rungs, heights)
  }
}

function earlyParts(rungs: Ladder['rungs'], heights: readonly number[]): Layout['early'] {
  const parts: { from: number; to: number }[] = []
  for (const [at, { earlyMediaAfter }] of rungs.entries()) {
    if (!earlyMediaAfter) continue
    const [from, to] = [heights[at]!, heights[at + 1] ?? heights[at]! + rungHeight / 3]
    const last = parts.at(-1)
    if (last && last.to === from) last.to = to
    else parts.push({ from, to })
  }
  return parts
}

import type { Chart } from './document.ts'

/** Rows that have place in a chart. */
export const mostBars = 30

export type Bar = { readonly row: string; readonly part: string; readonly count: number }

export type BarLook = {
  /** In their order, each with its colour. */
  readonly parts: readonly (readonly [part: string, colour: string])[]
  /** What is counted; `share` for parts of 100 %. */
  readonly of: string
}

/** One bar for each row, in the order given, its parts by colour; undefined without any. */
export function barChart(title: string, bars: readonly Bar[], { parts, of }: BarLook): Chart | undefined {
  if (bars.length === 0) return undefined
  const order = new Map(parts.map(([part], index) => [part, index]))
  const isShare = of === 'share'
  return {
    title,
    spec: {
      width: 700,
      data: { values: bars.map(bar => ({ ...bar, order: order.get(bar.part) })) },
      mark: 'bar',
      encoding: {
        y: { field: 'row', type: 'nominal', title: null, sort: null },
        x: {
          field: 'count',
          type: 'quantitative',
          stack: isShare ? 'normalize' : 'zero',
          title: isShare ? null : of,
          axis: isShare ? { format: '%' } : {}
        },
        color: {
          field: 'part',
          type: 'nominal',
          title: null,
          scale: { domain: parts.map(([part]) => part), range: parts.map(([, colour]) => colour) }
        },
        order: { field: 'order', type: 'quantitative' }
      }
    }
  }
}

import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { panelsOf } from '../../dashboards/src/asked.fixture.ts'
import { escaped } from '../../services/html.ts'
import { graph, heatmap, unitOf, written, type Given } from './chart.ts'
import { colorAt, table } from './table.ts'

/** What each query of each panel gave, in their order. */
export type Answers = (panel: Panel) => Promise<readonly Given[]>

const column = 56
const row = 36
const gap = 8

/** A dashboard as a page, for people without Grafana: its panels where it has them, drawn of what its queries gave. */
export async function sheet(board: Dashboard, answers: Answers): Promise<string> {
  const tiles: string[] = []
  for (const panel of panelsOf(board)) {
    const { x = 0, y = 0, w = 0, h = 0 } = panel.gridPos ?? {}
    const size = { width: w * column - gap, height: h * row - gap }
    const place = `left:${x * column}px;top:${y * row}px;width:${size.width}px;height:${size.height}px`
    const inner = { width: size.width - 16, height: size.height - 40 }
    const content = await drawn(panel, await answers(panel), inner)
    tiles.push(`<section style="${place}"><h2>${escaped(panel.title ?? '')}</h2>${content}</section>`)
  }
  const height = Math.max(...panelsOf(board).map(({ gridPos }) => ((gridPos?.y ?? 0) + (gridPos?.h ?? 0)) * row))
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>
<h1>${escaped(board.title ?? '')}</h1><main style="height:${height}px;width:${24 * column}px">${tiles.join('\n')}</main>`
}

async function drawn(panel: Panel, given: readonly Given[], size: { width: number; height: number }): Promise<string> {
  switch (panel.type) {
    case 'timeseries':
      return graph(panel, given, size)
    case 'heatmap':
      return heatmap(given, size)
    case 'stat':
      return number(panel, given)
    case 'table':
      return table(panel, given)
    default:
      throw new Error(`nobody draws a panel of type ${panel.type}`)
  }
}

function number(panel: Panel, [given]: readonly Given[]): string {
  const value = given?.series[0]?.values.at(-1)?.[1] ?? NaN
  const steps = panel.fieldConfig?.defaults.thresholds?.steps ?? []
  const color = steps.length > 1 ? colorAt(steps, value) : 'transparent'
  const text = steps.length > 1 ? '#fff' : '#15803d'
  return `<p class="number" style="background:${color};color:${text}">${written(value, unitOf(panel))}</p>`
}

const style = `
  body { margin: 16px; font: 13px system-ui, sans-serif; color: #111827; background: #f4f5f5 }
  h1 { font-size: 18px; margin: 0 0 12px } h2 { font-size: 12px; margin: 0 0 6px; font-weight: 600 }
  main { position: relative }
  section { position: absolute; background: #fff; border: 1px solid #e5e7eb; border-radius: 3px; padding: 8px; box-sizing: border-box; overflow: hidden }
  .number { margin: 0; height: calc(100% - 24px); display: grid; place-items: center; font-size: 30px; font-weight: 600; border-radius: 3px }
  table { width: 100%; border-collapse: collapse; font-size: 12px } th { text-align: left; color: #2563eb; font-weight: 600 }
  th, td { padding: 4px 6px; border-bottom: 1px solid #e5e7eb } .value { text-align: right } .word { text-align: center; color: #fff; border-left: 1px solid #fff }
`

import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder
} from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardLinkBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Panel,
  type Threshold
} from '@grafana/grafana-foundation-sdk/dashboard'
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import { peerPage } from './console-page.ts'
import { text, type AnyQuery } from './query.ts'

/** What Grafana writes behind a number. */
export type Unit = 'short' | 'percentunit' | 's' | 'bytes' | 'Bps' | 'cps' | 'reqps' | 'erlangs' | 'none'

/** The value from which a colour holds; what is below the first is green. */
export type Limits = readonly { readonly from: number; readonly color: 'green' | 'yellow' | 'orange' | 'red' }[]

export type Look = {
  /** Unique in its dashboard: the panel's id, by which links and permissions find it, is made of it. */
  readonly title: string
  /** What is shown, over what, and from when on it is bad. */
  readonly description: string
  readonly unit: Unit
  /** Columns of 24. */
  readonly width: number
  readonly height?: number
  readonly limits?: Limits
  /** Of the colour below all limits; red where more is better. */
  readonly below?: Threshold['color']
}

export type Target = {
  readonly query: AnyQuery
  /** With the series' labels in it: `{{peer}}`. */
  readonly legend?: string
}

const datasource = { type: 'prometheus', uid: '${datasource}' }

/** A panel as the SDK builds it; which kind is behind it is nobody else's business. */
export type PanelBuilder = Builder<Panel>

/** Lines over time. Those with a peer in their legend lead to the peer's page of the console. */
export const lines = (look: Look, ...targets: readonly Target[]): PanelBuilder => graph(look, targets)

/** Parts of a whole over time, one on the other. */
export const stack = (look: Look, ...targets: readonly Target[]): PanelBuilder =>
  graph(look, targets).stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A')).fillOpacity(35)

/** Values that hold until the next one, as steps. */
export const steps = (look: Look, ...targets: readonly Target[]): PanelBuilder =>
  graph(look, targets).lineInterpolation(LineInterpolation.StepAfter).fillOpacity(20)

/** How many there are of what lasts, as steps, one on the other. */
export const standing = (look: Look, ...targets: readonly Target[]): PanelBuilder =>
  graph(look, targets)
    .lineInterpolation(LineInterpolation.StepAfter)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
    .fillOpacity(35)
    .decimals(0)

/** One number for the whole time shown. */
export const figure = (look: Look, query: AnyQuery): PanelBuilder =>
  styled(new stat.PanelBuilder(), look)
    .withTarget(target({ query }, 0).instant())
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .colorMode(look.limits ? BigValueColorMode.Background : BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)

/** How often values of each size were, over time: rates of a histogram's cumulative buckets by `le`. */
export const heat = (look: Omit<Look, 'limits'>, query: AnyQuery): PanelBuilder =>
  styled(new heatmap.PanelBuilder(), { ...look, unit: 'short' })
    .withTarget(target({ query, legend: '{{le}}' }, 0).range().format(PromQueryFormat.Heatmap))
    .yAxis(new heatmap.YAxisConfigBuilder().unit(look.unit))
    .color(new heatmap.HeatmapColorOptionsBuilder().mode(heatmap.HeatmapColorMode.Scheme).scheme('Oranges').steps(64))
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).showColorScale(true))
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9))

function graph(look: Look, targets: readonly Target[]): timeseries.PanelBuilder {
  const panel = styled(new timeseries.PanelBuilder(), look)
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(5)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(targets.length > 1 || targets.some(({ legend = '' }) => legend.includes('{{')))
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  if (look.unit !== 's') panel.axisSoftMin(0)
  for (const [index, each] of targets.entries()) panel.withTarget(target(each, index).range())
  if (targets.some(({ legend = '' }) => legend.includes('{{peer}}'))) {
    const page = peerPage('${__field.labels.peer:percentencode}')
    panel.dataLinks([new DashboardLinkBuilder('${__field.labels.peer} in Earshot').url(page).targetBlank(true)])
  }
  return panel
}

export const target = ({ query, legend }: Target, index: number): DataqueryBuilder => {
  const built = new DataqueryBuilder()
    .datasource(datasource)
    .refId(String.fromCodePoint(65 + index))
    .expr(text(query))
  return legend === undefined ? built : built.legendFormat(legend)
}

type Styled<Self> = Builder<Panel> & {
  [Setter in 'title' | 'description']: (value: string) => Self
} & {
  id(id: number): Self
  unit(unit: string): Self
  datasource(ref: { type: string; uid: string }): Self
  span(columns: number): Self
  height(rows: number): Self
  thresholds(thresholds: Builder<ReturnType<ThresholdsConfigBuilder['build']>>): Self
  withTarget(query: Builder<Dataquery>): Self
}

/** What all panels have. */
export function styled<Self extends Styled<Self>>(panel: Self, look: Look): Self {
  const { title, description, unit, width, height = 8, limits = [], below = 'green' } = look
  return panel
    .id(idOf(title))
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit(unit === 'erlangs' ? 'suffix: E' : unit)
    .span(width)
    .height(height)
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps([{ value: null, color: below }, ...limits.map(({ from, color }) => ({ value: from, color }))])
    )
}

/** The same for the same title, whatever else changes in its dashboard (FNV-1a in 24 bits). */
function idOf(title: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(title)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return (hash >>> 8) + 1
}

import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export type Line = {
  readonly name: string
  readonly values: readonly (number | null)[]
  /** Name of a colour of tokens.css, without its dashes. */
  readonly colour: string
  /** So that lines are told apart without colours. */
  readonly dash?: readonly number[]
}

type Props = {
  readonly title: string
  /** Epoch seconds. */
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  /** Areas on top of each other that add up, instead of lines. */
  readonly stacked?: boolean
  readonly format: (value: number) => string
  /** Where the scale ends at least. */
  readonly atLeast?: number
  readonly height?: number
}

/** Values over time, from zero. Pointing at it tells the values of that time below it. */
export function Chart({ title, times, lines, stacked = false, format, atLeast = 1, height = 170 }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const drawn = useRef<uPlot>(undefined)
  const shape = lines.map(({ name, colour }) => `${name} ${colour}`).join('|')
  const shown = useRef({ lines, format })
  shown.current = { lines, format }

  useEffect(() => {
    const element = place.current!
    const plot = new uPlot(
      optionsOf({ element, shown, stacked, atLeast, height }),
      dataOf(times, lines, stacked),
      element
    )
    drawn.current = plot
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    // Colours are read when something is drawn.
    const redraw = () => plot.redraw()
    const theme = new MutationObserver(redraw)
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', redraw)
    return () => {
      resized.disconnect()
      theme.disconnect()
      system.removeEventListener('change', redraw)
      plot.destroy()
      drawn.current = undefined
    }
  }, [shape, stacked, atLeast, height])
  useEffect(() => drawn.current?.setData(dataOf(times, lines, stacked)), [times, lines, stacked])

  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title}. ${summary(lines, format)}`} />
    </figure>
  )
}

const summary = (lines: readonly Line[], format: (value: number) => string): string =>
  lines
    .map(({ name, values }) => {
      const known = values.filter(value => value !== null)
      const latest = known.at(-1)
      return latest === undefined
        ? `${name}: nothing`
        : `${name}: latest ${format(latest)}, most ${format(known.reduce((most, value) => Math.max(most, value), 0))}`
    })
    .join('; ')

/** Of areas on top of each other the highest is drawn first, so that the others stand before it. */
function dataOf(times: readonly number[], lines: readonly Line[], stacked: boolean): uPlot.AlignedData {
  if (!stacked) return [[...times], ...lines.map(({ values }) => [...values])]
  const sums = times.map(() => 0)
  const edges = lines.map(({ values }) => values.map((value, at) => (sums[at] = (sums[at] ?? 0) + (value ?? 0))))
  return [[...times], ...edges.reverse()]
}

function optionsOf({
  element,
  shown,
  stacked,
  atLeast,
  height
}: {
  element: HTMLElement
  shown: { readonly current: { lines: readonly Line[]; format: (value: number) => string } }
  stacked: boolean
  atLeast: number
  height: number
}): uPlot.Options {
  const colour = (name: string): string => getComputedStyle(element).getPropertyValue(`--${name}`).trim() || '#888'
  const resolved = (name: string): string => canvasColour(element, colour(name))
  const axis: uPlot.Axis = {
    stroke: () => resolved('quiet'),
    grid: { stroke: () => resolved('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif'
  }
  const { lines } = shown.current
  const order = stacked ? lines.map((_, at) => lines.length - 1 - at) : lines.map((_, at) => at)
  return {
    width: element.clientWidth,
    height,
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1e3), 'Etc/UTC'),
    cursor: { y: false, drag: { x: false, y: false }, points: { show: !stacked } },
    legend: { live: true },
    scales: { x: { time: true }, y: { range: (_plot, _least, most) => [0, Math.max(atLeast, (most ?? 0) * 1.08)] } },
    axes: [
      { ...axis, size: 26, values: timeLabels },
      { ...axis, size: 52, values: (_plot, ticks) => ticks.map(tick => shown.current.format(tick)) }
    ],
    series: [
      { label: 'UTC', value: (_plot, time) => (time === null ? '–' : stamp(time)) },
      ...order.map((index): uPlot.Series => {
        const { name, colour: own, dash } = lines[index]!
        return {
          label: name,
          stroke: () => resolved(own),
          width: stacked ? 0.5 : 1.6,
          ...(dash && { dash: [...dash] }),
          ...(stacked && { fill: () => resolved(own) }),
          spanGaps: false,
          points: { show: () => !stacked && isAlone(shown.current.lines[index]?.values ?? []) },
          value: (_plot, _value, _series, at) => {
            const value = at === null || at === undefined ? null : shown.current.lines[index]?.values[at]
            return value === null || value === undefined ? '–' : shown.current.format(value)
          }
        }
      })
    ]
  }
}

/** A single value between gaps has no line. */
const isAlone = (values: readonly (number | null)[]): boolean => values.filter(value => value !== null).length < 2

/** What a canvas understands: light-dark() is resolved by the style of an element. */
function canvasColour(element: HTMLElement, text: string): string {
  const probe = document.createElement('span')
  probe.style.color = text
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

const stamp = (seconds: number): string => `${day.format(seconds * 1e3)} ${clock.format(seconds * 1e3)}`

/** Times of day, and where a day begins its date. */
function timeLabels(_plot: uPlot, ticks: number[]): string[] {
  const step = (ticks[1] ?? 0) - (ticks[0] ?? 0)
  return ticks.map(tick => (step >= 86_400 || tick % 86_400 === 0 ? day.format(tick * 1e3) : clock.format(tick * 1e3)))
}

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

export type Drawing = {
  /** Epoch seconds. */
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  readonly stacked: boolean
  readonly whole: boolean
  readonly format: (value: number) => string
  readonly atLeast: number
  /** Told the index of the time that is pointed at. */
  readonly onPointed: (at: number | undefined) => void
}

const height = 168

/** Steps of a scale of counts, which has no halves. */
const wholeSteps = [1, 2, 5]
  .flatMap(digit => Array.from({ length: 8 }, (_, zeros) => digit * 10 ** zeros))
  .sort((a, b) => a - b)

/** Draws into the element, in its width and in the colours of the theme, both as they change. */
export function draw(
  element: HTMLElement,
  drawing: Drawing
): {
  readonly show: (times: readonly number[], lines: readonly Line[]) => void
  readonly end: () => void
} {
  const { times, lines, stacked } = drawing
  const plot = new uPlot(optionsOf(element, drawing), dataOf(times, lines, stacked), element)
  const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
  resized.observe(element)
  // Colours are looked up when something is drawn.
  const redraw = () => plot.redraw()
  const theme = new MutationObserver(redraw)
  theme.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', redraw)
  return {
    show: (newTimes, newLines) => plot.setData(dataOf(newTimes, newLines, stacked)),
    end() {
      resized.disconnect()
      theme.disconnect()
      system.removeEventListener('change', redraw)
      plot.destroy()
    }
  }
}

/** Of areas on top of each other the highest is drawn first, so that the others stand before it. */
function dataOf(times: readonly number[], lines: readonly Line[], stacked: boolean): uPlot.AlignedData {
  if (!stacked) return [[...times], ...lines.map(({ values }) => [...values])]
  const sums = times.map(() => 0)
  const edges = lines.map(({ values }) => values.map((value, at) => (sums[at] = (sums[at] ?? 0) + (value ?? 0))))
  return [[...times], ...edges.reverse()]
}

function optionsOf(
  element: HTMLElement,
  { lines, stacked, whole, format, atLeast, onPointed }: Drawing
): uPlot.Options {
  const colour = (name: string): string => canvasColour(element, `var(--${name})`)
  const axis: uPlot.Axis = {
    stroke: () => colour('quiet'),
    grid: { stroke: () => colour('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif'
  }
  const seriesOf = ({ name, colour: own, dash, values }: Line): uPlot.Series => ({
    label: name,
    stroke: () => colour(own),
    width: stacked ? 0.5 : 1.6,
    ...(dash && { dash: [...dash] }),
    ...(stacked && { fill: () => colour(own) }),
    // A single value between gaps has no line.
    points: { show: !stacked && values.filter(value => value !== null).length < 2 }
  })
  const series = lines.map(seriesOf)
  return {
    width: element.clientWidth,
    height,
    padding: [6, 8, 0, 0],
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1e3), 'Etc/UTC'),
    cursor: { y: false, drag: { x: false, y: false }, points: { show: !stacked } },
    legend: { show: false },
    hooks: { setCursor: [({ cursor }) => onPointed(cursor.idx ?? undefined)] },
    scales: { x: { time: true }, y: { range: (_plot, _least, most) => [0, Math.max(atLeast, (most ?? 0) * 1.08)] } },
    axes: [
      { ...axis, size: 24, values: timeLabels },
      { ...axis, size: 54, values: (_plot, ticks) => ticks.map(format), ...(whole && { incrs: wholeSteps }) }
    ],
    series: [{}, ...(stacked ? series.reverse() : series)]
  }
}

/** What a canvas understands: light-dark() and variables are resolved by the style of an element. */
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

/** Times of day, and where a day begins its date. */
function timeLabels(_plot: uPlot, ticks: number[]): string[] {
  const step = (ticks[1] ?? 0) - (ticks[0] ?? 0)
  return ticks.map(tick => (step >= 86_400 || tick % 86_400 === 0 ? day.format(tick * 1e3) : clock.format(tick * 1e3)))
}

import { useEffect, useRef, useState } from 'react'
import { ChartLegend } from './chart-legend.tsx'
import { draw, type Line } from './draw-chart.ts'
import { count } from './format.ts'

export type { Line } from './draw-chart.ts'

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
}

/** Values over time, from zero. Pointing at it tells the values of that time below it, else those of the last. */
export function Chart({ title, times, lines, stacked = false, format, atLeast = 5 }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const drawn = useRef<ReturnType<typeof draw>>(undefined)
  const [pointed, setPointed] = useState<number>()
  const shape = lines.map(({ name, colour }) => `${name} ${colour}`).join('|')
  const data = useRef<{ times: readonly number[]; lines: readonly Line[] }>({ times, lines })
  data.current = { times, lines }

  useEffect(() => {
    const drawing = draw(place.current!, {
      ...data.current,
      stacked,
      whole: format === count,
      format,
      atLeast,
      onPointed: setPointed
    })
    drawn.current = drawing
    return () => {
      drawing.end()
      drawn.current = undefined
    }
  }, [shape, stacked, format, atLeast])
  useEffect(() => drawn.current?.show(times, lines), [times, lines])

  const at = Math.min(pointed ?? times.length - 1, times.length - 1)
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title}. ${summary(lines, format)}`} />
      <ChartLegend lines={lines} at={at} time={times[at]} pointed={pointed !== undefined} format={format} />
    </figure>
  )
}

const summary = (lines: readonly Line[], format: (value: number) => string): string =>
  lines
    .map(({ name, values }) => {
      const known = values.filter(value => value !== null)
      const latest = known.at(-1)
      const most = known.reduce((max, value) => Math.max(max, value), 0)
      return latest === undefined ? `${name}: nothing` : `${name}: latest ${format(latest)}, most ${format(most)}`
    })
    .join('; ')

import { useState } from 'react'
import { timeOfDay } from './format.ts'
import type { Ratio } from './figures.ts'

/** One path over the values; a value that is undefined is a gap. */
function path(values: readonly Ratio[], peak: number, width: number, height: number): string {
  const x = (i: number) => ((i / Math.max(1, values.length - 1)) * width).toFixed(1)
  const y = (value: number) => (height - (peak > 0 ? value / peak : 0) * height).toFixed(1)
  return values
    .map((value, i) => {
      if (value === undefined) return ''
      return `${values[i - 1] === undefined ? 'M' : 'L'}${x(i)} ${y(value)}`
    })
    .join('')
}

/** The form of the last hour, without figures, for a cell. */
export function TrendLine({ values }: { readonly values: readonly number[] }) {
  return (
    <svg className="trend" viewBox="0 -1 60 15" preserveAspectRatio="none" aria-hidden="true">
      <path d={path(values, Math.max(...values), 60, 13)} />
    </svg>
  )
}

type Props = {
  readonly title: string
  readonly values: readonly Ratio[]
  readonly times: readonly Date[]
  readonly format: (value: Ratio) => string
}

const width = 240
const height = 40

/** A small chart from zero to its peak. Pointing at it shows the minute's value instead of the latest. */
export function Sparkline({ title, values, times, format }: Props) {
  const [pointed, setPointed] = useState<number>()
  const peak = Math.max(0, ...values.filter(value => value !== undefined))
  const i = pointed ?? values.length - 1
  const line = path(values, peak, width, height)
  const time = times[i]
  return (
    <figure className="sparkline">
      <figcaption>
        <span>{title}</span>
        <span>
          <b>{format(values[i])}</b> {time && (pointed === undefined ? 'last minute' : timeOfDay(time).slice(0, 5))}
        </span>
      </figcaption>
      <svg
        viewBox={`0 -2 ${width} ${height + 4}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}, last hour: latest ${format(values.at(-1))}, peak ${format(peak)}`}
        onPointerMove={event => {
          const box = event.currentTarget.getBoundingClientRect()
          const share = (event.clientX - box.left) / box.width
          setPointed(Math.max(0, Math.min(values.length - 1, Math.round(share * (values.length - 1)))))
        }}
        onPointerLeave={() => setPointed(undefined)}
      >
        <line className="base" x1="0" x2={width} y1={height} y2={height} />
        {!values.includes(undefined) && <path className="area" d={`${line}V${height}H0Z`} />}
        <path className="line" d={line} />
        {pointed !== undefined && (
          <line
            className="pointer"
            x1={(pointed / Math.max(1, values.length - 1)) * width}
            x2={(pointed / Math.max(1, values.length - 1)) * width}
            y1="-2"
            y2={height + 2}
          />
        )}
      </svg>
      <p className="scale">
        <span>{times[0] && timeOfDay(times[0]).slice(0, 5)}</span>
        <span>peak {format(peak)}</span>
        <span>{times.at(-1) && `${timeOfDay(times.at(-1)!).slice(0, 5)} UTC`}</span>
      </p>
    </figure>
  )
}

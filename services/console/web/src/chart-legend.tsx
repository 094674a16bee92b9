import type { Line } from './draw-chart.ts'
import { timeOfDay } from './format.ts'

type Props = {
  readonly lines: readonly Line[]
  /** Index of the time that is told of. */
  readonly at: number
  readonly time: number | undefined
  readonly pointed: boolean
  readonly format: (value: number) => string
}

/** What each line is, as it is drawn, and its value at a time. */
export function ChartLegend({ lines, at, time, pointed, format }: Props) {
  const stamp = time === undefined ? '' : timeOfDay(new Date(time * 1e3)).slice(0, 5)
  return (
    <ul className="chart-legend" aria-hidden="true">
      {lines.map(({ name, values, colour, dash = [] }) => {
        const value = values[at]
        return (
          <li key={name}>
            <svg width="18" height="8">
              <line
                x1="0"
                x2="18"
                y1="4"
                y2="4"
                style={{ stroke: `var(--${colour})` }}
                strokeDasharray={dash.join(' ')}
              />
            </svg>
            {name} <b>{value === undefined || value === null ? '–' : format(value)}</b>
          </li>
        )
      })}
      <li className="at">{pointed ? `at ${stamp} UTC` : `last, ${stamp} UTC`}</li>
    </ul>
  )
}

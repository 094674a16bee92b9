import { useRef, type KeyboardEvent } from 'react'
import { diagnoses, type Ladder, type Rung } from '../api.ts'
import type { DiagnosisCode } from '../../../answers/words.ts'
import { words } from '../format.ts'
import { gutter, headHeight, layoutOf, rungHeight, type Layout } from './ladder-layout.ts'
import { legName } from './leg-name.ts'
import { useWidth } from './use-width.ts'

type Props = {
  readonly ladder: Ladder
  readonly chosen: number
  readonly choose: (index: number) => void
  /** There are several legs to tell apart. */
  readonly several: boolean
}

/** The drawing: endpoints as lifelines, a rung for each message, which can be chosen. Arrow keys go from one to the next. */
export function LadderSvg({ ladder, chosen, choose, several }: Props) {
  const [place, room] = useWidth<HTMLDivElement>()
  const svg = useRef<SVGSVGElement>(null)
  const layout = layoutOf(ladder, room)
  const step = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const to = Math.max(0, Math.min(ladder.rungs.length - 1, chosen + by))
    choose(to)
    svg.current?.querySelectorAll<SVGGElement>('[role=option]')[to]?.focus()
  }
  return (
    <div ref={place} className="ladder-room">
      <svg
        ref={svg}
        width={layout.width}
        height={layout.height}
        role="listbox"
        aria-label="Messages of the call, in order"
        onKeyDown={step}
      >
        <Lifelines ladder={ladder} layout={layout} />
        {ladder.rungs.map((rung, index) => (
          <RungMark
            key={index}
            rung={rung}
            y={layout.rungs[index]!}
            layout={layout}
            ladder={ladder}
            chosen={index === chosen}
            choose={() => choose(index)}
            leg={several ? legName(rung.leg) : undefined}
          />
        ))}
      </svg>
    </div>
  )
}

function Lifelines({ ladder: { columns }, layout }: { readonly ladder: Ladder; readonly layout: Layout }) {
  const most = Math.floor(layout.headWidth / 7)
  return (
    <g aria-hidden="true">
      {layout.early.map(({ from, to }) => (
        <g key={from}>
          <rect className="early-band" x={gutter} y={from} width={layout.width - gutter} height={to - from} />
          <rect className="early-bar" x={4} y={from} width={6} height={to - from} rx={2} />
        </g>
      ))}
      {columns.map(({ name, address }, at) => (
        <g key={address}>
          <line
            className="lifeline"
            x1={layout.columns[at]}
            x2={layout.columns[at]}
            y1={headHeight}
            y2={layout.height}
          />
          <text className="endpoint" x={layout.columns[at]} y={16}>
            {cut(name === '' ? address : name, most)}
          </text>
          {name !== '' && (
            <text className="address" x={layout.columns[at]} y={32}>
              {cut(address, most + 2)}
            </text>
          )}
          <title>{[name, address].filter(Boolean).join(' ')}</title>
        </g>
      ))}
    </g>
  )
}

type RungProps = {
  readonly rung: Rung
  readonly y: number
  readonly layout: Layout
  readonly ladder: Ladder
  readonly chosen: boolean
  readonly choose: () => void
  readonly leg: string | undefined
}

function RungMark({ rung, y, layout, ladder, chosen, choose, leg }: RungProps) {
  const { seconds, label, facts, atFault, copies, from, to } = rung
  const isFault = atFault.length > 0
  const faults = atFault.map(code => diagnoses[code as DiagnosisCode] ?? words(code)).join(', ')
  const [x1, x2] = [layout.columns[from]!, from === to ? layout.columns[from]! + 60 : layout.columns[to]!]
  const middle = (x1 + x2) / 2
  const nameOf = (column: number) => ladder.columns[column]?.name || ladder.columns[column]?.address
  const heading = `${label}${copies > 1 ? ` ×${copies}` : ''}`
  const shown = cut(isFault ? faults : facts.join('  '), Math.floor(Math.abs(x2 - x1) / 5.6))
  // Begins as it reads, for those who speak to their machine.
  const seen = [seconds.toFixed(3), leg, heading, shown].filter(Boolean).join(' ')
  const spoken = [
    `${seen}, from ${nameOf(from)} to ${nameOf(to)}`,
    ...(isFault ? [`at fault: ${faults}`] : []),
    ...(rung.earlyMedia === 'begins' ? ['early media begins'] : []),
    ...(rung.earlyMedia === 'ends' ? ['early media ends'] : []),
    ...facts
  ].join(', ')
  return (
    <g
      role="option"
      aria-selected={chosen}
      aria-label={spoken}
      tabIndex={chosen ? 0 : -1}
      className={['rung', chosen && 'chosen', isFault && 'fault'].filter(Boolean).join(' ')}
      onClick={choose}
      onKeyDown={event => {
        if (event.key === 'Enter' || event.key === ' ') choose()
      }}
    >
      <rect className="hit" x={14} y={y - rungHeight * 0.6} width={layout.width - 16} height={rungHeight - 2} rx={5} />
      {isFault && <path className="sign" d={`M20 ${y - 5}l9 10m0 -10l-9 10`} />}
      <text className="time" x={gutter - 8} y={y + 4}>
        {seconds.toFixed(3)}
      </text>{' '}
      {from === to ? (
        <path className="arrow" d={`M${x1} ${y - 5}h26a5 5 0 0 1 0 10H${x1 + 7}`} />
      ) : (
        <line className="arrow" x1={x1} x2={x2 - Math.sign(x2 - x1) * 7} y1={y} y2={y} />
      )}
      <path
        className="head"
        d={headOf(from === to ? x1 : x2, from === to ? y + 5 : y, from !== to && x2 > x1 ? 1 : -1)}
      />
      <text className="label" x={middle} y={y - 6}>
        {leg !== undefined && <tspan className="leg-name">{leg} </tspan>}
        {heading}
      </text>{' '}
      <text className="facts" x={middle} y={y + 13}>
        {shown}
      </text>
    </g>
  )
}

/** @param way 1 points to the right */
const headOf = (x: number, y: number, way: number): string => `M${x} ${y}l${-9 * way} -4.5v9Z`

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text

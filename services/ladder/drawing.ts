import { printable } from '../printable.ts'
import type { Column } from './columns.ts'
import type { Ladder, Row } from './ladder.ts'
import { cut, LIFELINE_AT, pictureOf } from './picture.ts'
import { wrapped } from './wrap.ts'

export type Style = 'bold' | 'fault' | 'early'

/** Gives a text the style, or nothing where colours are not wanted. */
export type Paint = (style: Style, text: string) => string

/** Before the lifelines: bar, sign, and the time behind them. */
const TIME_WIDTH = 9
const FRONT = 4 + TIME_WIDTH + 2
const FEWEST_FACTS = 22

/** The ladder of a call, a line each: columns are endpoints, times are seconds after the first INVITE. */
export function ladderLines(
  { columns, start, rows }: Ladder,
  { width, paint }: { readonly width: number; readonly paint: Paint }
): string[] {
  const picture = pictureOf(columns.map(printableColumn), width - FRONT - 2 - FEWEST_FACTS)
  const factsWidth = Math.max(width - FRONT - picture.width - 2, 10)
  const lines = picture.head.map(line =>
    paint('bold', cut(`${' '.repeat(FRONT - LIFELINE_AT)}${line}`.trimEnd(), width))
  )
  for (const row of rows) {
    const { from, to, facts } = row
    const { at, copies } = row.step
    const isFault = row.atFault.length > 0
    const label = `${printable(row.label)}${copies > 1 ? ` ×${copies}` : ''}`
    const arrow = picture.arrow(from, to, label)
    const [first = '', ...rest] = wrapped(facts.map(printable).join('  '), factsWidth)
    const time = ((at - start) / 1e6).toFixed(3).padStart(TIME_WIDTH)
    const style = (text: string): string => (isFault ? paint('fault', text) : text)
    const bar = (mark: string): string => (mark === ' ' ? mark : paint('early', mark))
    lines.push(
      `${bar(barAt(row))} ${isFault ? paint('fault', '✗') : ' '} ${time}  ${style(`${arrow}  ${first}`.trimEnd())}`
    )
    for (const more of rest) {
      const idle = `${picture.idle}  ${more}`
      const mark = row.earlyMediaAfter ? '┃' : ' '
      lines.push(`${bar(mark)}${' '.repeat(FRONT - 1)}${isFault ? paint('fault', idle) : idle}`)
    }
  }
  return lines.map(line => line.trimEnd())
}

const printableColumn = ({ address, name }: Column): Column => ({ address, name: printable(name) })

const bars = { begins: '┏', lasts: '┃', ends: '┗' } as const

const barAt = ({ earlyMedia }: Row): string => (earlyMedia === undefined ? ' ' : bars[earlyMedia])

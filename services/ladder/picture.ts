import stringWidth from 'string-width'
import type { Column } from './columns.ts'

/** How messages between columns are drawn; every text is `width` wide. */
export type Picture = {
  readonly width: number
  readonly head: readonly string[]
  readonly arrow: (from: number, to: number, label: string) => string
  /** Nothing happens. */
  readonly idle: string
}

const NARROWEST = 14
const WIDEST = 28
/** So that the first name has room to the left of its lifeline. */
export const LIFELINE_AT = WIDEST / 2

/** Lifelines with arrows between them, or where these are more than have room, the numbers of both ends. */
export function pictureOf(columns: readonly Column[], room: number): Picture {
  const longest = Math.max(...columns.flatMap(({ address, name }) => [address.length, stringWidth(name)]))
  const gaps = Math.max(columns.length - 1, 1)
  const gap = Math.min(Math.max(longest + 2, 18), WIDEST, Math.floor((room - 1) / gaps))
  return gap >= NARROWEST ? lifelines(columns, gap) : numbers(columns)
}

function lifelines(columns: readonly Column[], gap: number): Picture {
  const width = Math.max(columns.length - 1, 1) * gap + 1
  const idle = Array.from({ length: width }, (_, at) => (at % gap === 0 && at / gap < columns.length ? '│' : ' '))
  const heads = [columns.map(({ name }) => name), columns.map(({ address }) => address)]
  return {
    width,
    head: heads.filter(texts => texts.some(text => text !== '')).map(texts => headLine(texts, gap)),
    arrow: (from, to, label) => drawArrow([...idle], from * gap, to * gap, label, gap),
    idle: idle.join('')
  }
}

/** Each text in the middle above its lifeline; begins at the left edge of the first one's place. */
function headLine(texts: readonly string[], gap: number): string {
  let line = ''
  for (const [index, text] of texts.entries()) {
    const shown = cut(text, gap - 1)
    const start = LIFELINE_AT + index * gap - Math.floor(stringWidth(shown) / 2)
    line += ' '.repeat(Math.max(start - stringWidth(line), 0)) + shown
  }
  return line
}

function drawArrow(line: string[], from: number, to: number, label: string, gap: number): string {
  // To itself: behind its own lifeline.
  const [left, right] = from === to ? [from, from + gap] : [Math.min(from, to), Math.max(from, to)]
  for (let at = left + 1; at < right; at++) line[at] = line[at] === '│' ? '┼' : '─'
  const text = ` ${cut(label, right - left - 5)} `
  const start = left + Math.floor((right - left - text.length) / 2) + 1
  line.splice(start, text.length, ...Array.from(text))
  if (from === to) line[left + 1] = '↺'
  else if (from < to) line[right - 1] = '▶'
  else line[left + 1] = '◀'
  return line.join('')
}

const LABEL_WIDTH = 16

function numbers(columns: readonly Column[]): Picture {
  const digits = String(columns.length).length
  const width = 2 * digits + 3 + 2 + LABEL_WIDTH
  return {
    width,
    head: columns.map(({ name, address }, index) => `${index + 1} = ${name === '' ? address : `${name} ${address}`}`),
    arrow(from, to, label) {
      const ends = `${String(from + 1).padStart(digits)} → ${String(to + 1).padEnd(digits)}`
      return `${ends}  ${cut(label, LABEL_WIDTH)}`.padEnd(width)
    },
    idle: ' '.repeat(width)
  }
}

/** At most that wide; what is left out is an ellipsis. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let shown = ''
  for (const character of text) {
    if (stringWidth(shown) + stringWidth(character) >= width) break
    shown += character
  }
  return `${shown}…`
}

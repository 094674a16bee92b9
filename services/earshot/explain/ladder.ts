import type { AtFault, Parties, Span } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'
import type { Step } from './call-messages.ts'
import { columnsOf } from './columns.ts'
import { factsOf, labelOf } from './facts.ts'
import { printable } from '../printable.ts'
import { cut, LIFELINE_AT, pictureOf } from './picture.ts'
import { wrapped } from './wrap.ts'

export type Style = 'bold' | 'fault' | 'early'

/** Gives a text the style, or nothing where colours are not wanted. */
export type Paint = (style: Style, text: string) => string

export type Marks = { readonly spans: readonly Span[]; readonly atFault: readonly AtFault[] }

/** Before the lifelines: bar, sign, and the time behind them. */
const TIME_WIDTH = 9
const FRONT = 4 + TIME_WIDTH + 2
const FEWEST_FACTS = 22

/** The ladder of a call, a line each: columns are endpoints, times are seconds after the first INVITE. */
export function ladderLines(
  steps: readonly Step[],
  { spans, atFault }: Marks,
  { parties, width, paint }: { readonly parties: Parties; readonly width: number; readonly paint: Paint }
): string[] {
  const columns = columnsOf(steps, parties)
  const picture = pictureOf(columns.all, width - FRONT - 2 - FEWEST_FACTS)
  const factsWidth = Math.max(width - FRONT - picture.width - 2, 10)
  const start = (steps.find(({ message }) => message.method === 'INVITE') ?? steps[0]!).at
  const tags = calleeTags(steps)

  const lines = picture.head.map(line =>
    paint('bold', cut(`${' '.repeat(FRONT - LIFELINE_AT)}${line}`.trimEnd(), width))
  )
  for (const step of steps) {
    const { at, source, destination, message, copies } = step
    const isFault = atFault.some(each => isSame(each, step))
    const label = `${labelOf(message)}${copies > 1 ? ` ×${copies}` : ''}`
    const arrow = picture.arrow(columns.of(source), columns.of(destination), label)
    const [first = '', ...rest] = wrapped([...tagFact(step, tags), ...factsOf(message)].join('  '), factsWidth)
    const time = ((at - start) / 1e6).toFixed(3).padStart(TIME_WIDTH)
    const style = (text: string): string => (isFault ? paint('fault', text) : text)
    const bar = (mark: string): string => (mark === ' ' ? mark : paint('early', mark))
    lines.push(
      `${bar(barAt(spans, at))} ${isFault ? paint('fault', '✗') : ' '} ${time}  ${style(`${arrow}  ${first}`.trimEnd())}`
    )
    for (const more of rest) {
      const idle = `${picture.idle}  ${more}`
      lines.push(`${bar(barAfter(spans, at))}${' '.repeat(FRONT - 1)}${isFault ? paint('fault', idle) : idle}`)
    }
  }
  return lines.map(line => line.trimEnd())
}

const isSame = (fault: AtFault, { at, message }: Step): boolean =>
  fault.at === at && fault.method === message.cseqMethod && fault.status === message.status

function barAt(spans: readonly Span[], at: EpochMicros): string {
  for (const [from, to] of spans) {
    if (at === from) return '┏'
    if (at === to) return '┗'
    if (at > from && at < to) return '┃'
  }
  return ' '
}

const barAfter = (spans: readonly Span[], at: EpochMicros): string =>
  spans.some(([from, to]) => from <= at && at < to) ? '┃' : ' '

/** To-tags of responses to initial INVITEs, which tell forks apart: worth a word where there are several. */
function calleeTags(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(steps.filter(isOfADialog).map(({ message }) => message.toTag))
}

const isOfADialog = ({ message }: Step): boolean =>
  message.cseqMethod === 'INVITE' && message.status > 100 && message.status < 300 && message.toTag !== ''

const LONGEST_TAG = 10

function tagFact(step: Step, tags: ReadonlySet<string>): string[] {
  const { toTag } = step.message
  if (tags.size < 2 || !isOfADialog(step)) return []
  return [printable(`tag ${toTag.length > LONGEST_TAG ? `${toTag.slice(0, LONGEST_TAG)}…` : toTag}`)]
}

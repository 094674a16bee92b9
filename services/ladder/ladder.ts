import type { AtFault, DiagnosisCode, Observed, Parties, Span } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'
import { columnsOf, type Column } from './columns.ts'
import { factsOf, labelOf } from './facts.ts'

/** A message of a call, with its copies folded into it. */
export type Step = Observed & { readonly copies: number }

/** What of a call's records is marked: when its early media could play, and the messages at fault. */
export type Marks = { readonly spans: readonly Span[]; readonly atFault: readonly AtFault[] }

/** One message between two columns. Texts may hold whatever the wire had. */
export type Row = {
  readonly step: Step
  /** Indexes of columns. */
  readonly from: number
  readonly to: number
  /** `INVITE`, `183`, `200 PRACK`. */
  readonly label: string
  /** What of it decides whether the caller can hear something, in a few words each. */
  readonly facts: readonly string[]
  readonly atFault: readonly DiagnosisCode[]
  /** With this message early media begins to be able to play, or ends; or it lasts beyond it. */
  readonly earlyMedia: 'begins' | 'lasts' | 'ends' | undefined
  /** Up to the next message. */
  readonly earlyMediaAfter: boolean
}

export type Ladder = {
  /** Whoever appears first leftmost. */
  readonly columns: readonly Column[]
  /** Time of the first INVITE; without one of the first message. */
  readonly start: EpochMicros
  /** In event order. */
  readonly rows: readonly Row[]
}

/** The same bytes on the same way are one message and its copies. */
export function stepsOf(messages: readonly Observed[]): Step[] {
  const steps = new Map<string, Step>()
  for (const observed of messages) {
    const { source, destination, message } = observed
    const key = `${source.address} ${destination.address} ${message.bytes.toString('latin1')}`
    const known = steps.get(key)
    steps.set(key, known ? { ...known, copies: known.copies + 1 } : { ...observed, copies: 1 })
  }
  return [...steps.values()]
}

/** @param steps at least one, in event order */
export function ladderOf(steps: readonly Step[], { spans, atFault }: Marks, parties: Parties): Ladder {
  const columns = columnsOf(steps, parties)
  const tags = calleeTags(steps)
  return {
    columns: columns.all,
    start: (steps.find(({ message }) => message.method === 'INVITE') ?? steps[0]!).at,
    rows: steps.map(step => ({
      step,
      from: columns.of(step.source),
      to: columns.of(step.destination),
      label: labelOf(step.message),
      facts: [...tagFact(step, tags), ...factsOf(step.message)],
      atFault: atFault.filter(fault => isAbout(fault, step)).map(({ code }) => code),
      earlyMedia: earlyMediaAt(spans, step.at),
      earlyMediaAfter: spans.some(([from, to]) => from <= step.at && step.at < to)
    }))
  }
}

const isAbout = (fault: AtFault, { at, message }: Step): boolean =>
  fault.at === at && fault.method === message.cseqMethod && fault.status === message.status

function earlyMediaAt(spans: readonly Span[], at: EpochMicros): Row['earlyMedia'] {
  for (const [from, to] of spans) {
    if (at === from) return 'begins'
    if (at === to) return 'ends'
    if (at > from && at < to) return 'lasts'
  }
  return undefined
}

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
  return [`tag ${toTag.length > LONGEST_TAG ? `${toTag.slice(0, LONGEST_TAG)}…` : toTag}`]
}

import {
  bounded,
  type AttemptRecord,
  type LegHeaders,
  type LegsRecord,
  type Limits,
  type Parties
} from '@earshot/calls'
import { SDP_MISSING, type PeerRow } from '@earshot/peers'
import { isoTime } from '../../attempt-row.ts'
import { Analysis } from '../analysis.ts'
import { Damaged } from '../analyze.ts'
import { Merge } from '../merge.ts'
import { callLines } from '../../ladder/call-text.ts'
import type { Paint } from '../../ladder/drawing.ts'
import { wrapped } from '../../ladder/wrap.ts'
import { printable } from '../../printable.ts'
import { readCall } from './call-messages.ts'
import { NearestCallIds } from './nearest.ts'
import { WorthALook, type Worth } from './worth.ts'

export type ExplainOptions = {
  readonly parties: Parties
  readonly limits: Limits
  readonly legHeaders?: LegHeaders
  /** A Call-ID, or a number of the list; without it the list, and the first call of it. */
  readonly call?: string
  /** Columns of the terminal. */
  readonly width: number
  readonly paint: Paint
  /** Writes to standard output; resolves when more may be written. */
  readonly write: (text: string) => Promise<void>
}

/** Nothing in the captures has this Call-ID. */
export class NoSuchCall extends Error {
  constructor(callId: string, survey: Survey) {
    const damages = survey.damages.map(({ message }) => message)
    super([printable(`no message with Call-ID ${callId}; ${hintOf(callId, survey)}`), ...damages].join('\n'))
  }
}

function hintOf(callId: string, { nearest, worth, peers }: Survey): string {
  if (isListNumber(callId)) return `the list has ${worth.calls(peers).length} calls`
  const near = nearest?.callIds ?? []
  if (near.length > 0) return `near it: ${near.join(', ')}`
  return 'earshot explain FILE lists calls'
}

/**
 * Draws a call as a ladder, with the time of its early media and the message at fault marked, and says below what became
 * of it. Reads the captures twice: for what is worth a look, then for the messages of that call.
 *
 * @throws NoSuchCall; CaptureError for a file that is no capture; Damaged for files not whole, when all is printed
 */
export async function explain(files: readonly string[], options: ExplainOptions): Promise<void> {
  const { call, width, write } = options
  const surveyed = await survey(files, options)
  const { worth, peers, nearest, attempts, damages } = surveyed
  const calls = worth.calls(peers)
  const chosen = chosenOf(call, calls, nearest)
  if (chosen === undefined) {
    await write(`none of ${attempts} attempts has a diagnosis or unanswered early media; any call: --call CALL-ID\n`)
  } else {
    const found = await readCall(files, chosen, options)
    if (found.steps.length === 0) throw new NoSuchCall(chosen, surveyed)
    const lines = [
      ...(call === undefined
        ? listLines(worth.count, attempts, calls).flatMap(line => wrapped(line, width, LIST_INDENT))
        : []),
      ...(call === undefined ? [''] : []),
      ...callLines(chosen, found, surveyed, options)
    ]
    await write(`${lines.join('\n')}\n`)
  }
  if (damages.length > 0) throw new Damaged(damages)
}

type Survey = {
  readonly worth: WorthALook
  readonly peers: readonly PeerRow[]
  readonly nearest: NearestCallIds | undefined
  readonly attempts: number
  /** Known of the calls that may be chosen. */
  readonly legsOf: (record: AttemptRecord) => LegsRecord | undefined
  readonly damages: Merge['damages']
}

async function survey(
  files: readonly string[],
  { call, ...how }: Pick<ExplainOptions, 'parties' | 'limits' | 'legHeaders' | 'call'>
): Promise<Survey> {
  const worth = new WorthALook()
  const nearest = call === undefined ? undefined : new NearestCallIds(call)
  const legsOfCall = new Map<string, LegsRecord>()
  let attempts = 0
  const onJoined = (record: AttemptRecord, legs?: LegsRecord): void => {
    attempts++
    worth.add(record, legs)
    nearest?.add(record.callId)
    if (legs && record.callId === call) legsOfCall.set(record.id, legs)
  }
  const analysis = new Analysis({ ...how, onJoined })
  const captures = new Merge(files)
  for await (const batch of captures) for (const captured of batch) analysis.add(captured)
  const { peers } = analysis.finish()
  const legsOf = ({ id }: AttemptRecord): LegsRecord | undefined =>
    legsOfCall.get(id) ?? worth.calls(peers).find(({ legs }) => legs?.legs.some(({ attempt }) => attempt === id))?.legs
  return { worth, peers, nearest, attempts, legsOf, damages: captures.damages }
}

/** A Call-ID that is there is one, even where it looks like a number of the list. */
function chosenOf(call: string | undefined, calls: readonly Worth[], nearest?: NearestCallIds): string | undefined {
  if (call === undefined) return calls[0]?.record.callId
  const callId = bounded(call)
  const listed = isListNumber(call) ? calls[Number(call) - 1] : undefined
  return nearest?.callIds.includes(callId) ? callId : (listed?.record.callId ?? callId)
}

const isListNumber = (call: string): boolean => /^\d{1,2}$/.test(call)

/** Behind the numbers. */
const LIST_INDENT = ' '.repeat(5)

function listLines(count: number, attempts: number, calls: readonly Worth[]): string[] {
  const lines = calls.map(({ record }, index) => {
    const { startedAt, class: early, outcome, status, peer, callId, diagnosis } = record
    const what = diagnosis?.codes.join(', ') ?? (early === 'early_media' ? 'not answered' : SDP_MISSING)
    const end = `${outcome}${status ? ` ${status}` : ''}`
    return printable(
      `${String(index + 1).padStart(3)}  ${isoTime(startedAt)}  ${early}  ${end}  ${what}  ${peer}  ${callId}`
    )
  })
  const head = `${count} of ${attempts} attempts have a diagnosis or unanswered early media; the most telling calls:`
  return [head, ...lines, 'The first one follows; another one: --call NUMBER, or any call: --call CALL-ID']
}

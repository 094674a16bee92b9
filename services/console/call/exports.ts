import { messagesOf } from '@earshot/calls'
import { pcapHeader, pcapRecord } from '@earshot/capture'
import { callLines } from '../../ladder/call-text.ts'
import { stepsOf } from '../../ladder/ladder.ts'
import type { CallParts, StoredCall } from './read.ts'

/** Columns of the drawing, as wide as a page of a ticket takes. */
const WIDTH = 120

/** What is kept of the call's messages; `earshot analyze` makes the same attempts of it. */
export const pcapOf = ({ messages }: StoredCall): Buffer =>
  Buffer.concat([pcapHeader(), ...messages.map(message => pcapRecord(message))])

/** What `earshot explain` prints of it. */
export function asText(call: StoredCall, { figures, rules }: Pick<CallParts, 'figures' | 'rules'>): string {
  const { callId, messages, attempts, legsOf } = call
  const drawn = { steps: stepsOf(messagesOf(messages)), left: 0, records: attempts }
  const lines = callLines(
    callId,
    drawn,
    { peers: figures.rows(), legsOf },
    { parties: rules.parties, width: WIDTH, paint: (_style, text) => text }
  )
  return `${lines.join('\n')}\n`
}

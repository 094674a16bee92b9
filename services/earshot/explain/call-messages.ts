import { bounded, messagesOf, type AttemptRecord, type CallsRecord, type Limits, type Parties } from '@earshot/calls'
import { looksLikeSip, readSip } from '@earshot/sip'
import type { Captured, EpochMicros } from '@earshot/units'
import type { CallMessages } from '../../ladder/call-text.ts'
import { stepsOf } from '../../ladder/ladder.ts'
import { Analysis } from '../analysis.ts'
import { Merge } from '../merge.ts'

/** More than anybody reads. What is beyond, as where one Call-ID serves for every ping, is counted. */
const MOST_PACKETS = 2000

/** Collects the messages with this Call-ID and correlates them alone, with the end of the files as the end of time. */
export async function readCall(
  files: readonly string[],
  callId: string,
  { parties, limits }: { readonly parties: Parties; readonly limits: Limits }
): Promise<CallMessages> {
  const records: AttemptRecord[] = []
  const onRecord = (record: CallsRecord): void => {
    if (record.kind === 'attempt') records.push(record)
  }
  const analysis = new Analysis({ parties, limits, onRecord })
  const packets: Captured[] = []
  const isOfCall = callIdFilter(callId)
  let newest = -Infinity
  let left = 0
  for await (const batch of new Merge(files)) {
    for (const captured of batch) {
      if (captured.media) analysis.add(captured)
      if (captured.media || !looksLikeSip(captured.payload)) continue
      newest = Math.max(newest, captured.capturedAt)
      if (!isOfCall(captured.payload)) continue
      analysis.add(captured)
      // A copy: the reader's block of a megabyte is not kept for the one message in it.
      if (packets.length < MOST_PACKETS) packets.push({ ...captured, payload: Buffer.from(captured.payload) })
      else left++
    }
  }
  analysis.finish(newest as EpochMicros)
  const messages = messagesOf(packets).filter(({ message }) => bounded(message.callId) === callId)
  return { steps: stepsOf(messages), left, records: records.sort((a, b) => a.startedAt - b.startedAt) }
}

/** Most packets are of other calls, and need not be read to know that. */
function callIdFilter(callId: string): (payload: Buffer) => boolean {
  const [beginning = ''] = /^[ -~]{0,64}/.exec(callId) ?? []
  return payload =>
    payload.includes(beginning) && readSip(payload).messages.some(message => bounded(message.callId) === callId)
}

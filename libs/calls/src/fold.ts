import { readMedia, type MediaError, type MediaReport } from '@earshot/rtp'
import type { Captured, EpochMicros } from '@earshot/units'
import type { Correlator } from './correlator.ts'
import { messagesOf, type Observed } from './observed.ts'

/**
 * Folds packets in the order of their times, whatever their own. Returns what told of media and could not be read.
 *
 * @param passed told the time of each message when it has been folded
 */
export function fold(
  correlator: Correlator,
  packets: readonly Captured[],
  passed?: (time: EpochMicros) => void
): readonly MediaError[] {
  const { events, errors } = eventsOf(packets)
  for (const event of events) {
    work(correlator, event)
    if (passed && 'message' in event) passed(event.at)
  }
  return errors
}

type Event = Observed | MediaReport

export const work = (correlator: Correlator, event: Event): void =>
  'message' in event ? correlator.process(event) : correlator.hear(event)

/** SIP, and what tells of media, as they are to be folded; of equal times the SIP first. */
export function eventsOf(packets: readonly Captured[]): {
  readonly events: readonly Event[]
  readonly errors: readonly MediaError[]
} {
  if (!packets.some(isMedia)) return { events: messagesOf(packets), errors: [] }
  const errors: MediaError[] = []
  const reports: MediaReport[] = []
  for (const packet of packets.filter(isMedia)) {
    const read = readMedia(packet)
    if ('kind' in read) errors.push(read)
    else reports.push(...read)
  }
  const messages = messagesOf(packets.filter(packet => !isMedia(packet)))
  // Sorting keeps the order of equal ones.
  return { events: [...messages, ...reports].sort((a, b) => a.at - b.at), errors }
}

const isMedia = ({ media }: Captured): boolean => media !== undefined

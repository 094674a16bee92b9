import { readSip, type SipMessage } from '@earshot/sip'
import type { Captured, Endpoint, EpochMicros, Transport } from '@earshot/units'
import { sorted } from './sorted.ts'

/** One SIP message seen at one capture point. The correlator keeps nothing of `message` after it returned. */
export type Observed = {
  readonly at: EpochMicros
  readonly agent: string
  readonly transport: Transport
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly message: SipMessage
}

/** The messages in the order in which they are to be folded, whatever the order of the packets. */
export function messagesOf(packets: Iterable<Captured>): Observed[] {
  const messages: Observed[] = []
  for (const { capturedAt: at, agent, transport, source, destination, payload } of packets) {
    for (const message of readSip(payload).messages) {
      messages.push({ at, agent, transport, source, destination, message })
    }
  }
  return sorted(messages, inEventOrder)
}

/**
 * The one order in which messages are folded: event time; at equal times the request first, then status, then bytes
 * (TX-5), and of equal bytes the agents by name.
 */
function inEventOrder(a: Observed, b: Observed): number {
  return (
    a.at - b.at ||
    a.message.status - b.message.status ||
    Buffer.compare(a.message.bytes, b.message.bytes) ||
    (a.agent < b.agent ? -1 : Number(a.agent > b.agent))
  )
}

/** Who sent the request of the transaction that this message belongs to. */
export const requesterOf = (observed: Observed): Endpoint =>
  observed.message.isRequest ? observed.source : observed.destination

/** Who answers it, as far as this one message tells. */
export const responderOf = (observed: Observed): Endpoint =>
  observed.message.isRequest ? observed.destination : observed.source

import type { AttemptRecord } from '@earshot/calls'
import { SDP_MISSING, type PeerRow } from '@earshot/peers'

const rowOf = ({ peer, direction }: AttemptRecord, peers: readonly PeerRow[]): PeerRow | undefined =>
  peers.find(row => row.peer === peer && row.direction === direction)

/** The attempt got a 183 and no description, which the peer's others have (EM-14). */
export function describesOthers(record: AttemptRecord, peers: readonly PeerRow[]): boolean {
  if (record.class !== 'progress' || record.responses183.withoutSdp === 0) return false
  return rowOf(record, peers)?.diagnoses.some(({ code }) => code === SDP_MISSING) ?? false
}

/** The same as a sentence; nothing where it is not so. */
export function sdpMissingText(record: AttemptRecord, peers: readonly PeerRow[]): string {
  if (!describesOthers(record, peers)) return ''
  const { withSdp, withoutSdp } = rowOf(record, peers)!.responses183
  return `${record.responder} sent 183 without SDP; ${withSdp} of ${withSdp + withoutSdp} 183s of ${record.peer} have it.`
}

/** What a reader met in a file; live while it reads, final when the iteration has ended. */
export type CaptureCounters = {
  /** Records of the file, and their captured bytes. */
  packets: number
  bytes: number
  /** Payloads yielded. */
  captured: number
  /** Packets of which the capture kept only a part (snap length). */
  snapped: number
  /** Neither UDP, TCP nor SCTP over IP: ARP, ICMP, tunnel control. */
  other: number
  unsupportedLink: number
  /** ESP packets, not looked into. */
  esp: number
  /** IP fragments, and the fragments among them whose datagram never became whole. */
  fragments: number
  fragmentsLost: number
  /** SCTP chunks that hold only a part of a message; they are not reassembled. */
  sctpFragments: number
  /** TCP directions followed, and places where their bytes are missing from the file. */
  tcpStreams: number
  tcpGaps: number
  hepPackets: number
  /** Frames that contradict themselves, by code. */
  readonly bad: Record<string, number>
}

export const noCounts = (): CaptureCounters => ({
  packets: 0,
  bytes: 0,
  captured: 0,
  snapped: 0,
  other: 0,
  unsupportedLink: 0,
  esp: 0,
  fragments: 0,
  fragmentsLost: 0,
  sctpFragments: 0,
  tcpStreams: 0,
  tcpGaps: 0,
  hepPackets: 0,
  bad: {}
})

export function countBad(counters: CaptureCounters, code: string): void {
  counters.bad[code] = (counters.bad[code] ?? 0) + 1
}

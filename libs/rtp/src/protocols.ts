/** HEP's numbers of what tells of media (HEP3 network protocol specification, chunk 11). */
export const mediaProtocol = {
  rtp: 4,
  rtcp: 5,
  /** Counts of a stream, as RTPAgent makes them, in full and in short. */
  report: 34,
  shortReport: 35
} as const

/** Reports, as agents send them; RTP itself nobody sends. */
export const isMediaProtocol = (protocol: number): boolean =>
  protocol === mediaProtocol.rtcp || protocol === mediaProtocol.report || protocol === mediaProtocol.shortReport

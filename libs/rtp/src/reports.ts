import { canonicalAddress, type Endpoint } from '@earshot/units'
import type { RtcpFacts } from './rtcp.ts'

/** The object in a payload; undefined for what is none. */
export function objectIn(payload: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(payload.toString()))
  } catch {
    return undefined
  }
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined

/** SR, RR, SDES, BYE: heplify tells the type of the last packet in a compound, whose first is one of a report. */
const reportTypes: readonly unknown[] = [200, 201, 202, 203]

/**
 * RTCP as heplify, captagent, rtpengine and Asterisk write it; 'no-count' for what says nothing of packets. That none
 * was sent or received is believed only of a report with its sender: heplify writes zeros for what it has not read.
 */
export function readRtcpObject(report: Readonly<Record<string, unknown>>): RtcpFacts | 'no-count' {
  const sent = count(asObject(report.sender_information)?.packets) ?? 0
  const receives = Array.isArray(report.report_blocks) && report.report_blocks.length > 0
  if (sent > 0 || receives) return { sent, receives }
  const isReport = reportTypes.includes(report.type) && (count(report.ssrc) ?? 0) > 0
  return isReport ? { sent, receives } : 'no-count'
}

/** What a report of RTP (RTPAgent) tells of one stream. */
export type StreamFacts = {
  readonly packets: number
  readonly source: Endpoint | undefined
  readonly destination: Endpoint | undefined
  readonly callId: string | undefined
}

export function readStreamObject(report: Readonly<Record<string, unknown>>): StreamFacts | 'no-count' {
  const packets = count(report.TOTAL_PK)
  if (packets === undefined) return 'no-count'
  const callId = text(report.RTP_SIP_CALL_ID) ?? text(report.CORRELATION_ID)
  const source = endpoint(report.SRC_IP, report.SRC_PORT)
  return { packets, source, destination: endpoint(report.DST_IP, report.DST_PORT), callId }
}

const count = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && number >= 0 && number < Infinity ? number : undefined
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

function endpoint(address: unknown, port: unknown): Endpoint | undefined {
  const canonical = typeof address === 'string' ? canonicalAddress(address) : undefined
  if (canonical === undefined) return undefined
  const number = count(port) ?? 0
  return { address: canonical, port: number <= 65_535 ? number : 0 }
}

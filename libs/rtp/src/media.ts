import type { Captured, Endpoint, EpochMicros } from '@earshot/units'
import { mediaProtocol } from './protocols.ts'
import { objectIn, readRtcpObject, readStreamObject } from './reports.ts'
import { readRtcp, type RtcpError, type RtcpFacts } from './rtcp.ts'

/** That media packets had been sent from one endpoint to another, or none, at a time. */
export type MediaReport = {
  readonly at: EpochMicros
  /** What it was seen in. The ports of RTCP are those of the media, or one higher (RFC 3550 §11, RFC 5761). */
  readonly from: 'rtp' | 'rtcp' | 'report'
  /** As the agent told it: HEP's correlation id. */
  readonly callId: string | undefined
  /** Who sends the media, and to whom, whoever has sent the report. */
  readonly source: Endpoint
  readonly destination: Endpoint
  /** Known to have been sent; 0 for none so far. */
  readonly packets: number
}

export type MediaError = {
  readonly kind: 'error'
  /** `no-count`: a report that does not say whether there were packets; `no-address`: one of which endpoints no one told. */
  readonly code: RtcpError | 'not-json' | 'no-address'
}

const failed = (code: MediaError['code']): MediaError => ({ kind: 'error', code })

/**
 * What a payload that came with `media` tells: RTCP of both ways, for its sender also says what it receives. Total,
 * whatever the bytes.
 */
export function readMedia(captured: Captured): readonly MediaReport[] | MediaError {
  const { media, payload } = captured
  if (media?.protocol === mediaProtocol.rtp) return [{ ...way(captured, captured), from: 'rtp', packets: 1 }]
  if (media?.protocol === mediaProtocol.rtcp) return readControl(captured)
  const report = objectIn(payload)
  return report ? readStream(captured, report) : failed('not-json')
}

const BRACE = 0x7b

function readControl(captured: Captured): readonly MediaReport[] | MediaError {
  const facts = readFacts(captured.payload)
  if (typeof facts === 'string') return failed(facts)
  const { source, destination } = captured
  if (source.address === '' || destination.address === '') return failed('no-address')
  return [
    { ...way(captured, captured), from: 'rtcp', packets: facts.sent },
    { ...way(captured, { source: destination, destination: source }), from: 'rtcp', packets: facts.receives ? 1 : 0 }
  ]
}

/** Agents write RTCP as JSON; what is none is read as the packet itself. */
function readFacts(payload: Buffer): RtcpFacts | RtcpError | 'not-json' {
  if (payload[0] !== BRACE) return readRtcp(payload)
  const report = objectIn(payload)
  return report ? readRtcpObject(report) : 'not-json'
}

function readStream(
  captured: Captured,
  report: Readonly<Record<string, unknown>>
): readonly MediaReport[] | MediaError {
  const facts = readStreamObject(report)
  if (facts === 'no-count') return failed(facts)
  const { source = captured.source, destination = captured.destination, packets } = facts
  if (source.address === '' || destination.address === '') return failed('no-address')
  const told = way(captured, { source, destination })
  return [{ ...told, callId: told.callId ?? facts.callId, from: 'report', packets }]
}

const way = (
  { capturedAt: at, media }: Captured,
  { source, destination }: Pick<MediaReport, 'source' | 'destination'>
): Pick<MediaReport, 'at' | 'callId' | 'source' | 'destination'> => ({
  at,
  callId: media?.correlationId,
  source,
  destination
})

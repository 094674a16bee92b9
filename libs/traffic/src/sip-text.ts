import type { Endpoint, Transport } from '@earshot/units'

const phrases: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  199: 'Early Dialog Terminated',
  200: 'OK',
  202: 'Accepted',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  410: 'Gone',
  415: 'Unsupported Media Type',
  420: 'Bad Extension',
  422: 'Session Interval Too Small',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
  606: 'Not Acceptable',
  607: 'Unwanted'
}

/** The phrase of RFC 3261 §21 and its extensions; 'Unspecified' for a status without one. */
export function reasonPhrase(status: number): string {
  return phrases[status] ?? 'Unspecified'
}

/** As a URI or a Via writes it: an IPv6 address in brackets (RFC 3261 §25.1, IPv6reference). */
export function hostOf(endpoint: Endpoint): string {
  return endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address
}

export function hostPort(endpoint: Endpoint): string {
  return `${hostOf(endpoint)}:${endpoint.port}`
}

export function viaValue(transport: Transport, sentBy: Endpoint, branch: string): string {
  return `SIP/2.0/${transport.toUpperCase()} ${hostPort(sentBy)};branch=${branch}`
}

/** Payload type and rtpmap of the codecs that carriers offer; dynamic numbers as the generator uses them. */
const codecs: Readonly<Record<string, readonly [number, string]>> = {
  PCMU: [0, 'PCMU/8000'],
  PCMA: [8, 'PCMA/8000'],
  G722: [9, 'G722/8000'],
  G729: [18, 'G729/8000'],
  AMR: [96, 'AMR/8000'],
  'AMR-WB': [98, 'AMR-WB/16000'],
  EVS: [99, 'EVS/16000'],
  opus: [111, 'opus/48000/2'],
  DTMF: [101, 'telephone-event/8000']
}

const keyLines: Readonly<Record<string, string>> = {
  crypto: 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj',
  fingerprint: 'a=setup:actpass\r\na=fingerprint:sha-256 12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82',
  mikey: 'a=key-mgmt:mikey AQAFgM0XflABAAAAAAAAAAAAAAsAyO'
}

export const keyNames: readonly string[] = Object.keys(keyLines)

export const codecNames: readonly string[] = Object.keys(codecs)

/** One audio line and what decides about it; the least that RFC 4566 and RFC 3264 ask for. */
export type Description = {
  /** Where media is wanted: the address of `c=` and the port of `m=`. */
  readonly address: string
  readonly port: number
  /** The `o=` line: who made it, and which of his versions it is. */
  readonly origin: string
  readonly session: number
  readonly version: number
  readonly codecs: readonly string[]
  readonly direction: string
  /** Such as RTP/AVP. */
  readonly profile: string
  /** Of SRTP: crypto, fingerprint or mikey. */
  readonly key?: string | undefined
  /** audio unless told. */
  readonly kind?: string | undefined
  /** Lines to put behind the audio line, without line ends. */
  readonly more?: readonly string[]
}

export function writeDescription(of: Description): string {
  const family = (address: string): string => (address.includes(':') ? 'IP6' : 'IP4')
  const known = of.codecs.map(name => codecs[name]!)
  let text =
    `v=0\r\no=- ${of.session} ${of.version} IN ${family(of.origin)} ${of.origin}\r\ns=-\r\n` +
    `c=IN ${family(of.address)} ${of.address}\r\nt=0 0\r\nm=${of.kind ?? 'audio'} ${of.port} ${of.profile}`
  for (const [type] of known) text += ` ${type}`
  text += '\r\n'
  for (const [type, map] of known) text += `a=rtpmap:${type} ${map}\r\n`
  if (of.codecs.includes('DTMF')) text += 'a=fmtp:101 0-15\r\n'
  text += `a=ptime:20\r\na=${of.direction}\r\n`
  if (of.key !== undefined) text += `${keyLines[of.key] ?? ''}\r\n`
  for (const line of of.more ?? []) text += `${line}\r\n`
  return text
}

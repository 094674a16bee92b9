declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** Microseconds since 1970-01-01T00:00:00Z. Exact in a double until the year 2255. */
export type EpochMicros = Branded<number, 'EpochMicros'>

/** A length of time in microseconds. */
export type Micros = Branded<number, 'Micros'>

export const epochMicros = (value: number): EpochMicros => value as EpochMicros

export const micros = (value: number): Micros => value as Micros
export const seconds = (value: number): Micros => (value * 1e6) as Micros
export const millis = (value: number): Micros => (value * 1e3) as Micros

export const plus = (time: EpochMicros, length: Micros): EpochMicros => (time + length) as EpochMicros
export const minus = (time: EpochMicros, length: Micros): EpochMicros => (time - length) as EpochMicros
export const between = (from: EpochMicros, to: EpochMicros): Micros => (to - from) as Micros
export const inSeconds = (length: Micros): number => length / 1e6

/**
 * The address part of an endpoint as text in its one canonical form: dotted quad, or RFC 5952 lower case; an
 * IPv4-mapped IPv6 address is written as the IPv4 one, so that text equality is address equality.
 */
export type Endpoint = { readonly address: string; readonly port: number }

export type Transport = 'udp' | 'tcp' | 'tls' | 'sctp' | 'ws' | 'other'

/** One payload as a capture point saw it: what every source (HEP, capture files) turns into, and the correlator reads. */
export type Captured = {
  readonly capturedAt: EpochMicros
  /** Who saw it: HEP's capture id, or the name of the capture file's point. Copies of one message differ in it or in nothing. */
  readonly agent: string
  readonly transport: Transport
  readonly source: Endpoint
  readonly destination: Endpoint
  /** A view, valid as long as its buffer. */
  readonly payload: Buffer
  /** Of what is no SIP but tells of media: HEP's protocol type and correlation id. */
  readonly media?: { readonly protocol: number; readonly correlationId: string | undefined }
}
export * from './address.ts'

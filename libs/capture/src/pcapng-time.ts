import { epochMicros } from '@earshot/units'
import type { EpochMicros } from '@earshot/units'

export type Clock = {
  /** if_tsresol: 10 to the minus this, or with bit 7 set 2 to the minus the rest. */
  readonly resolution: number
  readonly offsetSeconds: number
}

/** A 64-bit timestamp in an interface's units, rounded down. Source: draft-ietf-opsawg-pcapng §4.2. */
export function microseconds(high: number, low: number, clock: Clock): EpochMicros {
  return epochMicros(unitsToMicros(high, low, clock.resolution) + clock.offsetSeconds * 1e6)
}

function unitsToMicros(high: number, low: number, resolution: number): number {
  if (resolution === 6) return high * 0x1_0000_0000 + low
  // 2^32 ns are 4294967 µs and 296 ns: exact without integers of 64 bits.
  if (resolution === 9) return high * 4_294_967 + Math.floor((high * 296 + low) / 1000)
  const units = (BigInt(high) << 32n) | BigInt(low)
  const exponent = BigInt(resolution & 0x7f)
  const perSecond = resolution & 0x80 ? 1n << exponent : 10n ** exponent
  return Number((units * 1_000_000n) / perSecond)
}

import { epochMicros } from '@earshot/units'
import type { Direction } from './party.ts'
import type { Established } from './state.ts'

type Beginning = [
  id: string,
  fromTag: string,
  toTag: string,
  peer: string,
  direction: Direction,
  answeredAt: number,
  registry: string
]

/** An answered attempt as part of its call's text. */
export type EstablishedRow = [
  ...Beginning,
  /** null while no BYE was seen. */
  endKnownAt?: number | null,
  occupies?: 1
]

/** One by itself, of which no BYE was seen. */
export type RestingRow = [
  ...Beginning,
  /** Absent from the first texts. */
  occupies?: 1
]

/** @param base what times are told as differences to */
export function establishedRow(own: Established, base: number): EstablishedRow {
  const row: EstablishedRow = beginningOf(own, base)
  const known = own.endKnownAt < Infinity ? own.endKnownAt - base : null
  if (own.occupies) row.push(known, 1)
  else if (known !== null) row.push(known)
  return row
}

export function readEstablished(row: EstablishedRow, base: number): Established {
  const [, , , , , , , endKnownAt, occupies] = row
  return { ...readBeginning(row, base), occupies: occupies === 1, endKnownAt: base + (endKnownAt ?? Infinity) }
}

export function restingRow(own: Established): RestingRow {
  const row: RestingRow = beginningOf(own, 0)
  if (own.occupies) row.push(1)
  return row
}

export function readResting(row: RestingRow): Established {
  const [, , , , , , , occupies] = row
  return { ...readBeginning(row, 0), occupies: occupies === 1, endKnownAt: Infinity }
}

const beginningOf = (own: Established, base: number): Beginning => {
  const { id, fromTag, toTag, peer, direction, answeredAt, registry } = own
  return [id, fromTag, toTag, peer, direction, answeredAt - base, registry]
}

function readBeginning(row: EstablishedRow | RestingRow, base: number) {
  const [id, fromTag, toTag, peer, direction, answeredAt, registry] = row
  return { id, fromTag, toTag, peer, direction, answeredAt: epochMicros(base + answeredAt), registry }
}

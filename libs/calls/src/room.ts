import type { Attempt, Call, Flow, Sighting, Transaction } from './state.ts'

/*
 * What is kept of one Call-ID is bounded, so that a flood under it costs neither memory nor more than one value of the
 * log. A real call weighs some thousand characters.
 */

const MOST = 100_000
/** What numbers, names and brackets add to the text. */
const FIXED = 150

/** More can be kept of this call. */
export const hasRoom = (call: Call): boolean => call.weight < MOST

export const weightOfTransaction = ({ branch, sentBy, method, fromTag, seen, late, legKeys }: Transaction): number =>
  FIXED +
  branch.length +
  sentBy.length +
  method.length +
  fromTag.length +
  weightOfLegKeys(legKeys) +
  [...seen, ...late].reduce((sum, sighting) => sum + weightOfSighting(sighting), 0)

export const weightOfLegKeys = (keys: readonly string[]): number => keys.reduce((sum, key) => sum + key.length, 0)

export const weightOfSighting = ({ toTag, agent, media, directions, allow, mediaAt }: Sighting): number =>
  FIXED / 2 + toTag.length + agent.length + media.length + directions.length + allow.length + mediaAt.length

export const weightOfFlow = ({ source, destination }: Flow): number =>
  FIXED / 2 + source.address.length + destination.address.length

export const weightOfAttempt = ({ peer, from, to, fromTag }: Attempt): number =>
  FIXED + peer.length + from.length + to.length + 2 * fromTag.length

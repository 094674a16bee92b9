import type { MediaLine } from '@earshot/sip'

/** Why media cannot reach the caller over a media line, or over any (EM-4). */
export const faults = [
  'no_audio',
  'port_zero',
  'no_backward_media',
  'hold_address',
  'codec_mismatch',
  'profile_mismatch',
  'key_missing',
  'malformed_answer'
] as const
export type Fault = (typeof faults)[number]

export type Verdict = {
  /** Indexes of the audio lines over which media can reach the caller. */
  readonly usable: readonly number[]
  /** Of all lines, where none is usable. */
  readonly faults: readonly Fault[]
  /** The callee's address is 0.0.0.0 or ::, which keeps nothing from the caller. */
  readonly calleeHeld: boolean
}

type Description = readonly MediaLine[] | undefined

/**
 * Whether media can reach the caller by what both sides have said of themselves (EM-4). Lines belong together by their
 * places (RFC 3264 §6). A description that nobody could read is undefined.
 */
export function judge(caller: Description, callee: Description, answerer: 'caller' | 'callee'): Verdict {
  const answer = answerer === 'callee' ? callee : caller
  if (!answer || answer.length === 0) return { usable: [], faults: ['malformed_answer'], calleeHeld: false }
  const [ours, theirs] = [caller ?? [], callee ?? []]
  const usable: number[] = []
  const found = new Set<Fault>()
  let calleeHeld = false
  for (const [index, line] of ours.entries()) {
    const other = theirs[index]
    if (line.kind !== 'audio' || other?.kind !== 'audio') continue
    const wrong = faultsOf(line, other)
    for (const fault of wrong) found.add(fault)
    if (wrong.length === 0) usable.push(index)
    calleeHeld ||= other.held
  }
  if (usable.length > 0) return { usable, faults: [], calleeHeld }
  if (!ours.some(isAudio) || !theirs.some(isAudio)) found.add('no_audio')
  else if (!correspond(ours, theirs)) found.add('malformed_answer')
  return { usable, faults: faults.filter(fault => found.has(fault)), calleeHeld }
}

const isAudio = ({ kind }: MediaLine): boolean => kind === 'audio'

/** An answer has the lines of its offer, in their order (RFC 3264 §6). */
const correspond = (one: readonly MediaLine[], other: readonly MediaLine[]): boolean =>
  one.length === other.length && one.every(({ kind }, index) => kind === other[index]!.kind)

function faultsOf(caller: MediaLine, callee: MediaLine): Fault[] {
  // Of a line that is refused nothing else counts (RFC 3264 §6).
  if (!caller.open || !callee.open) return ['port_zero']
  const found: Fault[] = []
  if (!sends(callee) || !receives(caller)) found.push('no_backward_media')
  if (caller.held) found.push('hold_address')
  if (!haveCommonCodec(caller, callee)) found.push('codec_mismatch')
  if (caller.negotiable || callee.negotiable) return found
  if (familyOf(caller) !== familyOf(callee)) found.push('profile_mismatch')
  if (lacksKey(caller) || lacksKey(callee)) found.push('key_missing')
  return found
}

const sends = ({ direction }: MediaLine): boolean => direction === 'sendrecv' || direction === 'sendonly'
const receives = ({ direction }: MediaLine): boolean => direction === 'sendrecv' || direction === 'recvonly'

function haveCommonCodec(caller: MediaLine, callee: MediaLine): boolean {
  const known = new Set(caller.codecs.map(codec => codec.toLowerCase()))
  return callee.codecs.some(codec => known.has(codec.toLowerCase()))
}

/** With and without feedback (RFC 4585, RFC 5124) a profile is the same to whoever only listens. */
const familyOf = ({ profile }: MediaLine): string => profile.replace(/AVPF$/, 'AVP')

/** SRTP needs a key of either side, DTLS-SRTP the fingerprint of the certificate (RFC 4568, 4567, 5763). */
function lacksKey({ profile, keys }: MediaLine): boolean {
  if (!/SAVPF?$/.test(profile)) return false
  return profile.includes('TLS') ? !keys.includes('fingerprint') : keys.length === 0
}

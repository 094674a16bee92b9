/** The closed lists of the counting contract as the page shows them: this file and its types are the page's too. */

/** Every way an attempt can end, in the order in which they are shown. */
export const outcomes = [
  'answered',
  'busy',
  'no_answer',
  'cancelled',
  'redirected',
  'unavailable',
  'not_found',
  'declined',
  'rejected',
  'incompatible',
  'congestion',
  'server_error',
  'timeout',
  'open'
] as const
export type Outcome = (typeof outcomes)[number]

/** The highest state an attempt's early dialogs held, highest first. */
export const earlyMediaClasses = [
  'early_media',
  'unusable',
  'vetoed',
  'precondition',
  'progress',
  'ringing',
  'none'
] as const
export type EarlyMediaClass = (typeof earlyMediaClasses)[number]

/** What the capability matrix says of a method of a peer (MC-8). */
export const capabilityStates = ['unknown', 'supported', 'advertised', 'rejected', 'inconsistent', 'regressed'] as const
export type CapabilityState = (typeof capabilityStates)[number]

export const directions = ['outbound', 'inbound', 'internal'] as const
export type Direction = (typeof directions)[number]

export const alertKinds = ['method_regression', 'allow_drop', 'spike', 'drop', 'absence', 'headroom'] as const
export type AlertKind = (typeof alertKinds)[number]

/** What a diagnosis can say (EM-12), in words for people. */
export const diagnoses = {
  no_audio: 'no audio line',
  port_zero: 'port 0',
  no_backward_media: 'no media towards the caller',
  hold_address: 'hold address',
  codec_mismatch: 'no common codec',
  profile_mismatch: 'different profiles',
  key_missing: 'no key',
  malformed_answer: 'unreadable description',
  offer_unanswered: 'offer never answered',
  illegal_offer_unreliable: 'offer in an unreliable 18x',
  precondition_unmet: 'precondition unmet',
  p_early_media_inactive: 'closed by P-Early-Media',
  prack_missing: 'PRACK missing',
  prack_rejected: 'PRACK rejected',
  announced_cause: 'true cause only in the 183',
  silence_risk: 'silence, no media seen',
  no_ringing_no_media_evidence: 'no ringing, no media seen'
} as const
export type DiagnosisCode = keyof typeof diagnoses

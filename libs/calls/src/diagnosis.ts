import type { MediaLine } from '@earshot/sip'
import type { Causes } from './attempt.ts'
import { causeText } from './causes.ts'
import type { Course, FoundFault, Step } from './early-dialog.ts'
import type { MediaEvidence } from './media-evidence.ts'
import { isRejectedPrack, isRepeated } from './reliability.ts'
import type { Heard } from './heard.ts'
import { NO_MEDIA, readMedia } from './media-text.ts'
import type { Agreement } from './negotiation.ts'
import { countsAs183, isProgress } from './progress.ts'
import type { AtFault, AttemptRecord, DiagnosisCode, Outcome } from './records.ts'
import type { Sighting } from './state.ts'
import type { Fault } from './usable.ts'

type Case = {
  readonly outcome: Outcome
  /** Addresses of both sides. */
  readonly caller: string
  readonly callee: string
  readonly causes: Causes
  /** Where early media could play. */
  readonly evidence: MediaEvidence | undefined
}

/** A message that is judged. */
type Judged = Omit<AtFault, 'code'>

/** What is wrong by one code: the facts, what follows from them, and where it was said. */
type Finding = {
  readonly code: DiagnosisCode
  readonly facts: string
  readonly so: string
  readonly judged: Judged | undefined
}

/** What to check, where early media could not play, or what was heard is in doubt (EM-12). Nothing where all is well. */
export function diagnose(heard: Heard, about: Case): Pick<AttemptRecord, 'diagnosis' | 'atFault'> {
  const findings = [
    ...mediaFindings(heard, about),
    ...reliabilityFindings(heard, about),
    ...silenceFindings(heard, about),
    ...soundFindings(heard, about)
  ]
  if (findings.length === 0) return {}
  const sentences = findings.map(({ facts, so }) => `${facts}: ${so}`)
  return {
    diagnosis: {
      codes: [...new Set(findings.map(({ code }) => code))],
      text: `${[...new Set(sentences)].join('. ')}.`
    },
    atFault: findings.flatMap(({ code, judged }) => (judged ? [{ code, ...judged }] : []))
  }
}

const inviteOf = ({ at, status }: Pick<Sighting, 'at' | 'status'>): Judged => ({ at, method: 'INVITE', status })

const judgedBy = ({ seen, exchange }: Step): Judged => ({
  ...inviteOf(seen),
  ...(exchange && { method: exchange.method })
})

/** Why the dialog that got furthest could not play. */
function mediaFindings({ early }: Heard, about: Case): Finding[] {
  const course = early.dialogs.find(each => each.class === early.class)
  if (!course) return []
  switch (early.class) {
    case 'precondition':
      return [preconditionFinding(course, about)]
    case 'vetoed':
      return [vetoFinding(course, about)]
    case 'unusable':
      return course.faults.map(found => explain(found, course, about))
    case 'none':
    case 'ringing':
    case 'progress':
    case 'early_media':
      return []
  }
}

const CANNOT_PLAY = 'early media cannot play'

function preconditionFinding({ agreement, judgedIn }: Course, { caller, callee }: Case): Finding {
  const speaker = agreement?.last === 'caller' ? caller : callee
  const facts = `${speaker} has a mandatory precondition (RFC 3312) that is not met towards the caller`
  const so = `${CANNOT_PLAY} before an UPDATE says that it is`
  return { code: 'precondition_unmet', facts, so, judged: judgedIn && judgedBy(judgedIn) }
}

function vetoFinding({ directions, judgedIn }: Course, { callee }: Case): Finding {
  const facts = `${callee} sent P-Early-Media: ${directions.replaceAll(' ', ', ')}`
  const so = 'early media towards the caller is not permitted (RFC 5009)'
  return { code: 'p_early_media_inactive', facts, so, judged: judgedIn && judgedBy(judgedIn) }
}

function explain({ fault, judgedIn }: FoundFault, course: Course, about: Case): Finding {
  const { caller, callee } = about
  const found = { code: fault, judged: judgedBy(judgedIn) }
  if (fault === 'offer_unanswered') {
    const facts = `${callee} made an offer in its reliable ${course.unanswered?.status} and no PRACK of ${caller} answered it`
    return { ...found, facts, so: CANNOT_PLAY }
  }
  if (fault === 'illegal_offer_unreliable') {
    const facts = `${callee} made an offer in a ${course.unanswered?.status} without Require: 100rel`
    return { ...found, facts, so: `nothing can answer such an offer (RFC 3261 §13.2.1), ${CANNOT_PLAY}` }
  }
  const lines = linesOf(course.agreement)
  const facts = factsOf(fault, lines, about, course.agreement)
  return { ...found, facts, so: `${consequences[fault]}, ${CANNOT_PLAY}` }
}

const consequences: Readonly<Record<Fault, string>> = {
  no_audio: 'no audio line in common',
  port_zero: 'the audio line is refused',
  no_backward_media: 'nobody sends media towards the caller',
  hold_address: 'media has nowhere to go',
  codec_mismatch: 'no common codec',
  profile_mismatch: 'their profiles do not fit',
  key_missing: 'SRTP has no key',
  malformed_answer: 'the answer does not fit the offer (RFC 3264 §6)'
}

type Lines = { readonly caller: readonly MediaLine[]; readonly callee: readonly MediaLine[] }

const linesOf = (agreement: Agreement | undefined): Lines => ({
  caller: readMedia(agreement?.caller ?? '') ?? [],
  callee: readMedia(agreement?.callee ?? '') ?? []
})

function factsOf(fault: Fault, lines: Lines, { caller, callee }: Case, agreement: Agreement | undefined): string {
  const answers = agreement?.answerer !== 'caller'
  const said = `${callee} ${answers ? 'answered' : 'offered in its'} ${agreement?.calleeIn ?? ''}`
  const ours = answers ? 'the offer' : `the answer of ${caller}`
  const [mine, theirs] = [audioOf(lines.caller), audioOf(lines.callee)]
  switch (fault) {
    case 'codec_mismatch':
      return `${said} with ${codecsOf(theirs)} only; ${ours} had ${codecsOf(mine)}`
    case 'profile_mismatch':
      return `${said} with ${profilesOf(theirs)}; ${ours} had ${profilesOf(mine)}`
    case 'no_backward_media':
      return `${said} with ${directionsOf(theirs)}; ${ours} had ${directionsOf(mine)}`
    case 'port_zero':
      return `${theirs.some(({ open }) => !open) ? callee : caller} gave port 0 for audio`
    case 'hold_address':
      return `${caller} gave a hold address (0.0.0.0 or ::)`
    case 'key_missing':
      return `${said} with ${profilesOf(theirs)} and ${keysOf(theirs)}; ${ours} had ${profilesOf(mine)} and ${keysOf(mine)}`
    case 'no_audio':
    case 'malformed_answer':
      return `${said} with ${kindsOf(lines.callee)}; ${ours} had ${kindsOf(lines.caller)}`
  }
}

const audioOf = (lines: readonly MediaLine[]): MediaLine[] => lines.filter(({ kind }) => kind === 'audio')

const list = (words: readonly string[], none: string): string => [...new Set(words)].join(', ') || none

/** As people say them: the usual clock is not spoken. */
const codecsOf = (lines: readonly MediaLine[]): string =>
  list(
    lines.flatMap(({ codecs }) => codecs.map(codec => codec.replace(/\/8000$/, ''))),
    'no codec'
  )
const profilesOf = (lines: readonly MediaLine[]): string =>
  list(
    lines.map(({ profile }) => profile),
    'no audio'
  )
const directionsOf = (lines: readonly MediaLine[]): string =>
  list(
    lines.map(({ direction }) => direction),
    'no audio'
  )
const keysOf = (lines: readonly MediaLine[]): string =>
  list(
    lines.flatMap(({ keys }) => keys),
    'no key'
  )
const kindsOf = (lines: readonly MediaLine[]): string =>
  list(
    lines.map(({ kind }) => kind),
    'no media line'
  )

function reliabilityFindings({ early, exchanges }: Heard, { caller, callee }: Case): Finding[] {
  const found: Finding[] = []
  for (const { dialog, reliability } of early.dialogs) {
    if (reliability.includes('prack_missing')) {
      const facts = `${callee} sent a reliable response again and again and no PRACK of ${caller} was seen`
      const repeated = dialog.progress.find(seen => seen.reliable && isRepeated(seen))
      const so = 'check that it gets the response, and its way for PRACK'
      found.push({ code: 'prack_missing', facts, so, judged: repeated && inviteOf(repeated) })
    }
    const refused = exchanges.find(each => each.toTag === dialog.toTag && isRejectedPrack(each))?.final
    if (refused && reliability.includes('prack_rejected')) {
      const allow = refused.allow === '' ? '' : `, with Allow ${refused.allow.replaceAll(' ', ', ')}`
      const facts = `${callee} asked for PRACK and answered it ${refused.status}${allow}`
      const judged = { ...inviteOf(refused), method: 'PRACK' }
      found.push({ code: 'prack_rejected', facts, so: 'reliable provisional responses fail', judged })
    }
  }
  return found
}

/** Where signalling alone leaves open what the caller heard. */
function soundFindings({ early, transactions, final }: Heard, about: Case): Finding[] {
  const { callee, causes, outcome, evidence } = about
  const { earlyCause, finalCause, effectiveCause } = causes
  if (outcome === 'answered' || outcome === 'open') return []
  if (
    early.class === 'early_media' &&
    earlyCause !== undefined &&
    earlyCause === effectiveCause &&
    earlyCause !== finalCause
  ) {
    const last = finalCause === undefined ? 'no cause' : `cause ${causeText(finalCause)}`
    const facts = `${callee} gave cause ${causeText(earlyCause)} in its early media and ended with ${final?.status ?? 'no final'} and ${last}`
    // A 487 only answers the CANCEL: then it is the 18x that is worth a look.
    const judged = final && final.status !== 487 ? final : lastWithCause(transactions, earlyCause)
    return [
      { code: 'announced_cause', facts, so: 'the true cause is the first one', judged: judged && inviteOf(judged) }
    ]
  }
  const silent = early.class === 'progress' || early.class === 'early_media'
  const isVerified = evidence !== undefined && evidence.media !== 'unverified'
  if (!silent || early.alerted || isVerified) return []
  const [first183] = progressIn(transactions, ({ status }) => countsAs183(status))
  if (!first183) return []
  const facts = `${callee} sent 183 and never 180, and no report of RTP was seen`
  const so = 'whether the caller heard anything is not known'
  return [{ code: 'no_ringing_no_media_evidence', facts, so, judged: inviteOf(first183) }]
}

const lastWithCause = (transactions: Heard['transactions'], cause: number): Sighting | undefined =>
  progressIn(transactions, seen => seen.cause === cause).at(-1)

/** 18x of all transactions, in the order of time. */
const progressIn = (transactions: Heard['transactions'], wanted: (seen: Sighting) => boolean): Sighting[] =>
  transactions
    .flatMap(({ seen }) => seen.filter(each => isProgress(each.status) && wanted(each)))
    .sort((a, b) => a.at - b.at)

/** Early media that reports say nobody heard (EM-11). */
function silenceFindings({ early, transactions }: Heard, { caller, callee, evidence }: Case): Finding[] {
  if (!evidence?.silenceRisk) return []
  const ringing = early.alerted ? '' : ' and never sent 180'
  const facts = `${callee} described early media${ringing}, and no media from it towards ${caller} was seen`
  const so = 'the caller heard nothing, check the way of media between both'
  const [described] = progressIn(transactions, ({ media }) => media !== NO_MEDIA)
  return [{ code: 'silence_risk', facts, so, judged: described && inviteOf(described) }]
}

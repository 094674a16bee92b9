import type { MediaLine } from '@earshot/sip'
import type { Causes } from './attempt.ts'
import { causeText } from './causes.ts'
import type { Course } from './early-dialog.ts'
import { isRejectedPrack } from './reliability.ts'
import type { Heard } from './heard.ts'
import { readMedia } from './media-text.ts'
import type { Agreement, UnansweredFault } from './negotiation.ts'
import { countsAs183 } from './progress.ts'
import type { Diagnosis, Outcome } from './records.ts'
import type { Fault } from './usable.ts'

type Case = {
  readonly outcome: Outcome
  /** Addresses of both sides. */
  readonly caller: string
  readonly callee: string
  readonly causes: Causes
}

/** What is wrong by one code: the facts, and what follows from them. */
type Finding = { readonly code: string; readonly facts: string; readonly so: string }

/** What to check, where early media could not play, or what was heard is in doubt (EM-12). Nothing where all is well. */
export function diagnose(heard: Heard, about: Case): { readonly diagnosis?: Diagnosis } {
  const findings = [
    ...mediaFindings(heard, about),
    ...reliabilityFindings(heard, about),
    ...soundFindings(heard, about)
  ]
  if (findings.length === 0) return {}
  const sentences = findings.map(({ facts, so }) => `${facts}: ${so}`)
  return {
    diagnosis: { codes: [...new Set(findings.map(({ code }) => code))], text: `${[...new Set(sentences)].join('. ')}.` }
  }
}

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
      return course.faults.map(fault => ({ code: fault, ...explain(fault, course, about) }))
    case 'none':
    case 'ringing':
    case 'progress':
    case 'early_media':
      return []
  }
}

const CANNOT_PLAY = 'early media cannot play'

function preconditionFinding({ agreement }: Course, { caller, callee }: Case): Finding {
  const speaker = agreement?.last === 'caller' ? caller : callee
  const facts = `${speaker} has a mandatory precondition (RFC 3312) that is not met towards the caller`
  return { code: 'precondition_unmet', facts, so: `${CANNOT_PLAY} before an UPDATE says that it is` }
}

function vetoFinding({ directions }: Course, { callee }: Case): Finding {
  const facts = `${callee} sent P-Early-Media: ${directions.replaceAll(' ', ', ')}`
  return { code: 'p_early_media_inactive', facts, so: `early media towards the caller is not permitted (RFC 5009)` }
}

function explain(fault: Fault | UnansweredFault, course: Course, about: Case): Omit<Finding, 'code'> {
  const { caller, callee } = about
  if (fault === 'offer_unanswered') {
    const facts = `${callee} made an offer in its reliable ${course.unanswered?.status} and no PRACK of ${caller} answered it`
    return { facts, so: CANNOT_PLAY }
  }
  if (fault === 'illegal_offer_unreliable') {
    const facts = `${callee} made an offer in a ${course.unanswered?.status} without Require: 100rel`
    return { facts, so: `nothing can answer such an offer (RFC 3261 §13.2.1), ${CANNOT_PLAY}` }
  }
  const lines = linesOf(course.agreement)
  return { facts: factsOf(fault, lines, about, course.agreement), so: `${consequences[fault]}, ${CANNOT_PLAY}` }
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
      found.push({ code: 'prack_missing', facts, so: 'check that it gets the response, and its way for PRACK' })
    }
    const refused = exchanges.find(each => each.toTag === dialog.toTag && isRejectedPrack(each))?.final
    if (refused && reliability.includes('prack_rejected')) {
      const allow = refused.allow === '' ? '' : `, with Allow ${refused.allow.replaceAll(' ', ', ')}`
      const facts = `${callee} asked for PRACK and answered it ${refused.status}${allow}`
      found.push({ code: 'prack_rejected', facts, so: 'reliable provisional responses fail' })
    }
  }
  return found
}

/** Where signalling alone leaves open what the caller heard. */
function soundFindings({ early, transactions, final }: Heard, { callee, causes, outcome }: Case): Finding[] {
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
    return [{ code: 'announced_cause', facts, so: 'the true cause is the first one' }]
  }
  const silent = early.class === 'progress' || early.class === 'early_media'
  const has183 = transactions.some(({ seen }) => seen.some(({ status }) => countsAs183(status)))
  if (!silent || early.alerted || !has183) return []
  const facts = `${callee} sent 183 and never 180, and no report of RTP was seen`
  return [{ code: 'no_ringing_no_media_evidence', facts, so: 'whether the caller heard anything is not known' }]
}

/**
 * SIPp scenarios out of short scripts, one step a word or two:
 *
 * - `INVITE`, `ACK`, `CANCEL`, `PRACK`, `INFO`, `BYE`: sent by the caller; `183`, `200 BYE`: sent by the callee. `+S`
 *   has a description, `100rel` makes a response reliable.
 * - `<183`, `<BYE`: waited for; `<180?` may come or not.
 * - `300ms`: a pause.
 */
export type Side = 'caller' | 'callee'

/** @param name of the kind of call, which From and To have as user */
export function scenario(name: string, side: Side, script: string): string {
  const steps = script.trim().split(/\s*,\s*/)
  const body = steps.map((step, index) => (side === 'caller' ? callerStep : calleeStep)(name, step, index, steps))
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="${name}, ${side}">\n${body.join('\n')}\n</scenario>\n`
}

type StepOf = (name: string, step: string, index: number, steps: readonly string[]) => string

const callerStep: StepOf = (name, step, index, steps) =>
  waiting(step, steps[index + 1]) ?? request(name, step, index, steps)
const calleeStep: StepOf = (_name, step) => waiting(step) ?? response(step)

/** SIPp keeps the first route and Contact that it is told to: those of the response that makes the dialog. */
const makesDialog = (what: string, next = ''): boolean => next === 'PRACK' || (what === '200' && next === 'ACK')

function waiting(step: string, next?: string): string | undefined {
  const pause = /^(\d+)ms$/.exec(step)
  if (pause) return `<pause milliseconds="${pause[1]}"/>`
  const [, what, optional] = /^<(\w+)(\?)?$/.exec(step) ?? []
  if (what === undefined) return undefined
  const route = makesDialog(what, next) ? ' rrs="true"' : ''
  const attributes = `${/^\d/.test(what) ? 'response' : 'request'}="${what}"${route}${optional ? ' optional="true"' : ''}`
  return what === 'INVITE' ? `<recv ${attributes}>${kept}</recv>` : `<recv ${attributes}/>`
}

/** What responses to the INVITE need when another request has come in between: the Via of proxy and caller, … */
const kept = `<action>${[
  ['via1', 'Via', 1],
  ['via2', 'Via', 2],
  ['to', 'To', 1],
  ['route', 'Record-Route', 1]
]
  .map(
    ([variable, header, place]) =>
      `<ereg regexp=".*" search_in="hdr" header="${header}:" occurrence="${place}" assign_to="${variable}"/>`
  )
  .join('')}</action>`

function request(name: string, step: string, index: number, steps: readonly string[]): string {
  const [method = '', ...words] = step.split(' ')
  const invite = steps.findIndex(each => each.startsWith('INVITE'))
  const last = steps.slice(0, index).findLast(each => /^<[2-6]/.test(each)) ?? ''
  // An ACK of a failure and a CANCEL belong to the INVITE (RFC 3261 §9.1, §17.1.1.3).
  const isOfInvite = method === 'INVITE' || method === 'CANCEL' || (method === 'ACK' && !last.startsWith('<2'))
  const hasTag = method !== 'INVITE' && method !== 'CANCEL'
  const cseq = isOfInvite || method === 'ACK' ? 1 : index
  const offset = isOfInvite && index > invite ? `-${index - invite}` : ''
  return send(method === 'ACK' ? '' : ' retrans="500"', words, [
    `${method} ${isOfInvite ? `sip:${name}@[callee]` : '[next_url]'} SIP/2.0`,
    `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch${offset}]`,
    ...(isOfInvite ? [] : ['[routes]']),
    'Max-Forwards: 70',
    `From: <sip:${name}@[local_ip]>;tag=c[call_number]`,
    hasTag ? '[last_To:]' : `To: <sip:${name}@[callee]>`,
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:caller@[local_ip]:[local_port]>',
    ...(method === 'INVITE' ? ['Supported: 100rel', 'X-Fork: [fork]'] : []),
    ...(method === 'PRACK' ? ['RAck: 1 1 INVITE'] : [])
  ])
}

function response(step: string): string {
  const [status = '', ...words] = step.split(' ')
  const method = words.find(word => /^[A-Z]{3,}$/.test(word))
  const head = method
    ? ['[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]']
    : [
        'Via:[$via1]',
        'Via:[$via2]',
        '[last_From:]',
        'To:[$to];tag=s[pid]x[call_number]',
        '[last_Call-ID:]',
        'CSeq: 1 INVITE',
        'Record-Route:[$route]',
        'Contact: <sip:callee@[local_ip]:[local_port]>'
      ]
  return send(method || status < '200' ? '' : ' retrans="500"', words, [
    `SIP/2.0 ${status} As In The Script`,
    ...head,
    ...(words.includes('100rel') ? ['Require: 100rel', 'RSeq: 1'] : [])
  ])
}

function send(attributes: string, words: readonly string[], head: readonly string[]): string {
  const message = words.includes('+S')
    ? [...head, 'Content-Type: application/sdp', 'Content-Length: [len]', '', ...description]
    : [...head, 'Content-Length: 0', '']
  return `<send${attributes}><![CDATA[\n${message.join('\n')}\n]]></send>`
}

const description = [
  'v=0',
  'o=sipp 1 1 IN IP4 [local_ip]',
  's=-',
  'c=IN IP4 [local_ip]',
  't=0 0',
  'm=audio 40000 RTP/AVP 8',
  'a=rtpmap:8 PCMA/8000'
]

import { millis, type Endpoint, type Micros, type Transport } from '@earshot/units'
import { codecNames, keyNames } from './sip-text.ts'

/** Somebody who sends and receives in a ladder. */
export type Participant = {
  readonly name: string
  readonly endpoint: Endpoint
  readonly transport: Transport
  /** Our own SBC or proxy; for the registry of a test, the messages do not show it. */
  readonly ours: boolean
}

/** What `+S(…)` changes of the usable description that `+S` stands for. */
export type DescriptionWish = {
  readonly direction?: string
  readonly port?: number
  readonly address?: string
  readonly profile?: string
  readonly codecs?: readonly string[]
  readonly version?: number
  /** Of SDES, DTLS or MIKEY: crypto, fingerprint, mikey. */
  readonly key?: string
  /** Instead of audio. */
  readonly kind?: string
}

/** The words behind the message. */
type Words = {
  readonly branch?: string
  readonly toTag?: string
  readonly fromTag?: string
  readonly call: string
  readonly cseq?: number
  readonly rseq?: number
  readonly rack?: number
  readonly copies: number
  readonly spacing: Micros
  readonly late: Micros
  readonly agents: readonly string[]
  readonly description?: DescriptionWish
  /** Of media: packets sent, reception reports in RTCP, and the port that it comes from. */
  readonly packets: number
  readonly blocks: number
  readonly port: number
}

/** One line of a ladder with the header, description and body lines under it. */
export type LadderLine = Words & {
  readonly line: number
  readonly at: Micros
  readonly from: Participant
  readonly to: Participant
  /** 0 for a request. */
  readonly status: number
  readonly method: string
  /** Not SIP but media, or what an agent reports of it. */
  readonly media: 'rtp' | 'rtcp' | 'report' | undefined
  /** Written as re-INVITE. */
  readonly again: boolean
  readonly headers: (readonly [name: string, value: string])[]
  readonly removed: string[]
  readonly descriptionLines: string[]
  readonly bodyLines: string[]
}

/** A ladder is written by us, so a mistake in it is thrown; the message begins with the number of the line. */
export class LadderError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`)
    this.name = 'LadderError'
    this.line = line
  }
}

/** Those that a ladder has without naming them. */
const usual = ['a = 10.0.0.1:5060 ours', 'b = 203.0.113.7:5060', 'c = 203.0.113.8:5060']

const forms = {
  participant: /^([A-Za-z]\w*)\s+=\s+(.+)$/,
  message: /^(\d+(?:\.\d+)?)(s?)\s+(\w+)>(\w+)\s+(.+)$/,
  header: /^([A-Za-z][\w.-]*)\s*:\s*(.*)$/,
  removed: /^-([A-Za-z][\w.-]*):$/,
  description: /^\s+([a-z]=.*)$/,
  body: /^\s+\|\s?(.*)$/
}

/** The lines of a ladder, in their order in the text. Throws a LadderError. */
export function readLadder(text: string): { participants: Participant[]; lines: LadderLine[] } {
  const named = new Map(usual.map(line => [line[0]!, readParticipant(0, line[0]!, line.slice(4))]))
  const lines: LadderLine[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const participant = forms.participant.exec(raw)
    const message = forms.message.exec(trimmed.replace(/\s+# .*$/, ''))
    if (participant) named.set(participant[1]!, readParticipant(index + 1, participant[1]!, participant[2]!))
    else if (message) lines.push(readMessage(index + 1, message, named))
    else addTo(lines.at(-1), index + 1, raw)
  }
  return { participants: [...named.values()], lines }
}

function readParticipant(line: number, name: string, text: string): Participant {
  const [where = '', ...words] = text.replace(/\s+# .*$/, '').split(/\s+/)
  const endpoint = /^(?:\[([\da-f:.]+)\]|([\d.]+)):(\d+)$/.exec(where)
  if (!endpoint) throw new LadderError(line, `'${where}' is not an address with a port, such as 10.0.0.1:5060`)
  const strange = words.find(word => !['ours', 'udp', 'tcp', 'tls'].includes(word))
  if (strange) throw new LadderError(line, `'${strange}' is none of: ours, udp, tcp, tls`)
  const transport = words.find(word => word !== 'ours') ?? 'udp'
  return {
    name,
    endpoint: { address: endpoint[1] ?? endpoint[2]!, port: Number(endpoint[3]) },
    transport: transport as Transport,
    ours: words.includes('ours')
  }
}

function readMessage(line: number, found: RegExpExecArray, named: ReadonlyMap<string, Participant>): LadderLine {
  const [, time, unit, from, to, rest] = found as unknown as string[]
  const find = (name: string): Participant => {
    const participant = named.get(name)
    if (!participant) throw new LadderError(line, `nobody is called '${name}'; write: ${name} = ADDRESS:PORT`)
    return participant
  }
  const inline = /^(.*?)\s+([A-Za-z][\w.-]*:\s.*)$/.exec(rest!)
  const words = (inline?.[1] ?? rest!).split(/\s+/)
  const status = /^[1-6]\d\d$/.test(words[0]!) ? Number(words.shift()) : 0
  const media = mediaKinds.find(kind => kind === words[0])
  if (media) words.shift()
  const method = words[0] !== undefined && /^(re-)?[A-Z]{3,}$/.test(words[0]) ? words.shift()! : undefined
  if (!status && !method && !media) throw new LadderError(line, `'${words[0]}' is neither a status nor a method`)
  const message: LadderLine = {
    line,
    at: millis(Number(time) * (unit === 's' ? 1000 : 1)),
    from: find(from!),
    to: find(to!),
    status,
    method: (method ?? 'INVITE').replace('re-', ''),
    media,
    again: method?.startsWith('re-') ?? false,
    ...readWords(line, words),
    headers: [],
    removed: [],
    descriptionLines: [],
    bodyLines: []
  }
  if (inline) addTo(message, line, inline[2]!)
  return message
}

function readWords(line: number, words: readonly string[]): Words {
  const agents = words.filter(word => /^@\w/.test(word)).map(word => word.slice(1))
  let read: Words = {
    call: '1',
    copies: 1,
    spacing: millis(500),
    late: millis(0),
    agents,
    packets: 0,
    blocks: 0,
    port: 0
  }
  for (const word of words) {
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(word) ?? []
    const copies = /^x(\d+)(?:\/(\d+))?$/.exec(word)
    const description = /^\+S(?:\((.+)\))?$/.exec(word)
    if (description) read = { ...read, description: readWish(line, description[1]) }
    else if (copies) read = { ...read, copies: Number(copies[1]), spacing: millis(Number(copies[2] ?? 500)) }
    else if (/^b\d+$/.test(word)) read = { ...read, branch: word }
    else if (key === 'tt') read = { ...read, toTag: value }
    else if (key === 'ft') read = { ...read, fromTag: value }
    else if (key === 'call') read = { ...read, call: value }
    else if (key === 'late') read = { ...read, late: millis(readNumber(line, word, value)) }
    else if (numberWords.includes(key)) read = { ...read, [key]: readNumber(line, word, value) }
    else if (!word.startsWith('@')) throw new LadderError(line, `'${word}' means nothing here`)
  }
  return read
}

const mediaKinds = ['rtp', 'rtcp', 'report'] as const
const numberWords = ['cseq', 'rseq', 'rack', 'packets', 'blocks', 'port']

function readNumber(line: number, word: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new LadderError(line, `'${word}' needs a whole number`)
  return Number(value)
}

function readWish(line: number, text: string | undefined): DescriptionWish {
  let wish: DescriptionWish = {}
  for (const option of text?.split(',') ?? []) {
    const [key = '', value = ''] = option.split('=')
    if (/^(sendrecv|sendonly|recvonly|inactive)$/.test(option)) wish = { ...wish, direction: option }
    else if (key === 'port') wish = { ...wish, port: readNumber(line, option, value) }
    else if (key === 'v') wish = { ...wish, version: readNumber(line, option, value) }
    else if (key === 'address') wish = { ...wish, address: value }
    else if (key === 'profile') wish = { ...wish, profile: value }
    else if (key === 'key' && keyNames.includes(value)) wish = { ...wish, key: value }
    else if (key === 'kind' && /^[a-z]+$/.test(value)) wish = { ...wish, kind: value }
    else if (key === 'codecs') wish = { ...wish, codecs: readCodecs(line, value) }
    else throw new LadderError(line, `'${option}' is no option of +S(…)`)
  }
  return wish
}

function readCodecs(line: number, text: string): readonly string[] {
  const names = text.split('+')
  const strange = names.find(name => !codecNames.includes(name))
  if (strange !== undefined) throw new LadderError(line, `codec '${strange}' is none of: ${codecNames.join(', ')}`)
  return names
}

/** A line that is no message: a header, a line of the description, or one of the body of the message above. */
function addTo(message: LadderLine | undefined, line: number, raw: string): void {
  const body = forms.body.exec(raw)
  const description = forms.description.exec(raw)
  const header = forms.header.exec(raw.trim())
  const removed = forms.removed.exec(raw.trim())
  if (!body && !description && !header && !removed)
    throw new LadderError(line, `'${raw.trim()}' is no message, such as: 480 b>a 183 +S`)
  if (!message) throw new LadderError(line, 'there is no message above that this could belong to')
  if (body) message.bodyLines.push(body[1]!)
  else if (description) message.descriptionLines.push(description[1]!.trimEnd())
  else if (header) message.headers.push([header[1]!, header[2]!])
  else if (removed) message.removed.push(removed[1]!)
}

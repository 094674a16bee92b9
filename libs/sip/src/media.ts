import type { Direction } from './p-early-media.ts'

/** What decides whether media can flow over one `m=` line of a description (RFC 3264, RFC 4566). */
export type MediaLine = {
  /** In lower case: audio, video, image. */
  readonly kind: string
  /** In upper case: RTP/AVP. */
  readonly profile: string
  /** Its port is not 0. */
  readonly open: boolean
  readonly direction: Direction
  /** Its address is 0.0.0.0 or :: (RFC 3264 §8.4). */
  readonly held: boolean
  /** `PCMA/8000`, with `/2` for two channels, as written. Telephone events and comfort noise are left out. */
  readonly codecs: readonly string[]
  readonly keys: readonly Key[]
  /** It has capabilities of RFC 5939: the profile written is not the only one meant. */
  readonly negotiable: boolean
  /** Directions, as its sender sees them, in which a mandatory precondition is not met (RFC 3312 §5). */
  readonly unmet: readonly ('send' | 'recv')[]
}

/** Where SRTP gets its keys: SDES (RFC 4568), DTLS (RFC 5763), MIKEY (RFC 4567). */
export type Key = 'crypto' | 'fingerprint' | 'mikey'

/** More than any peer writes; what is beyond is not read. */
const MOST_LINES = 16
const MOST_FORMATS = 40
const MOST_ATTRIBUTES = 64
const LONGEST_TOKEN = 32
const LONGEST_LINE = 1000

/**
 * The media lines of a description; undefined when it has no `v=` line and so is none.
 *
 * Total, at a cost bounded by its length, and read by the line: less than half of what `parseDescription` costs
 * (bench/media.bench.ts), which the correlator could not afford for every description. Both agree (media.test.ts).
 */
export function mediaOf(description: Buffer): MediaLine[] | undefined {
  const text = description.toString('latin1')
  const session = newScope('', '', true)
  const lines: Scope[] = []
  let scope = session
  let versioned = false
  for (let at = 0; at < text.length;) {
    const lineEnd = endOfLine(text, at)
    if (text.charCodeAt(at + 1) === EQUALS) {
      switch (text.charCodeAt(at)) {
        case VERSION:
          versioned = true
          break
        case MEDIA:
          if (lines.length === MOST_LINES) return finished(lines, session)
          scope = readMediaLine(valueIn(text, at, lineEnd))
          lines.push(scope)
          break
        case CONNECTION:
          scope.held = isHold(valueIn(text, at, lineEnd))
          break
        case ATTRIBUTE:
          readAttribute(scope, text, at + 2, lineEnd)
          break
      }
    }
    at = lineEnd + 1
  }
  return versioned ? finished(lines, session) : undefined
}

const EQUALS = 0x3d
const VERSION = 0x76
const MEDIA = 0x6d
const CONNECTION = 0x63
const ATTRIBUTE = 0x61

function endOfLine(text: string, at: number): number {
  const lineEnd = text.indexOf('\n', at)
  return lineEnd < 0 ? text.length : lineEnd
}

const valueIn = (text: string, at: number, lineEnd: number): string => text.slice(at + 2, lineEnd).trim()

/** What a media line, or the session part, says; undefined where it is silent and the session part rules. */
type Scope = {
  readonly kind: string
  readonly profile: string
  readonly open: boolean
  readonly formats: string[]
  readonly maps: (readonly [type: string, codec: string])[]
  direction: Direction | undefined
  held: boolean | undefined
  readonly keys: Key[]
  negotiable: boolean
  readonly current: Precondition[]
  readonly mandatory: Precondition[]
}

/** Of RFC 3312: `qos local`, and a direction tag. */
type Precondition = { readonly of: string; readonly direction: string }

const newScope = (kind: string, profile: string, open: boolean): Scope => ({
  kind,
  profile,
  open,
  formats: [],
  maps: [],
  direction: undefined,
  held: undefined,
  keys: [],
  negotiable: false,
  current: [],
  mandatory: []
})

/** `audio 49170/2 RTP/AVP 8 0` */
function readMediaLine(value: string): Scope {
  const [kind = '', port = '', profile = '', ...formats] = wordsOf(value, MOST_FORMATS)
  const scope = newScope(token(kind).toLowerCase(), token(profile).toUpperCase(), !/^0*(\/|$)/.test(port))
  scope.formats.push(...formats)
  return scope
}

/** Words between blanks; of a line longer than any real one the beginning. */
const wordsOf = (value: string, most: number): string[] => value.slice(0, LONGEST_LINE).split(/\s+/, most)

/** `IN IP4 203.0.113.7/127` */
function isHold(value: string): boolean {
  const address = value.slice(value.lastIndexOf(' ') + 1)
  return /^(0\.0\.0\.0|[0:]*::[0:]*|0+(:0+){7})(\/|$)/.test(address.slice(0, 64))
}

function readAttribute(scope: Scope, text: string, at: number, lineEnd: number): void {
  switch (text.charCodeAt(at)) {
    case 0x72: // r: recvonly, rtpmap
      if (text.startsWith('rtpmap:', at)) readMap(scope, text.slice(at + 7, lineEnd))
      else readDirection(scope, text, at, lineEnd)
      return
    case 0x73: // s: sendrecv, sendonly
    case 0x69: // i: inactive
      readDirection(scope, text, at, lineEnd)
      return
    case 0x63: // c: crypto, curr
      if (text.startsWith('crypto:', at)) addKey(scope, 'crypto')
      else if (text.startsWith('curr:', at)) readCurrent(scope, text.slice(at + 5, lineEnd))
      return
    case 0x64: // d: des
      if (text.startsWith('des:', at)) readDesired(scope, text.slice(at + 4, lineEnd))
      return
    case 0x66: // f: fingerprint
      if (text.startsWith('fingerprint:', at)) addKey(scope, 'fingerprint')
      return
    case 0x6b: // k: key-mgmt
      if (text.startsWith('key-mgmt:', at)) addKey(scope, 'mikey')
      return
    case 0x61: // a: acap
    case 0x70: // p: pcfg
    case 0x74: // t: tcap
      if (capabilities.some(name => text.startsWith(name, at))) scope.negotiable = true
  }
}

const capabilities = ['acap:', 'pcfg:', 'tcap:']

const directions: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']

function readDirection(scope: Scope, text: string, at: number, lineEnd: number): void {
  const found = directions.find(each => text.startsWith(each, at))
  if (found && text.slice(at + found.length, Math.min(lineEnd, at + 64)).trim() === '') scope.direction = found
}

/** `8 PCMA/8000`, `111 opus/48000/2` */
function readMap({ maps }: Scope, value: string): void {
  if (maps.length === MOST_ATTRIBUTES) return
  const [type = '', codec = ''] = wordsOf(value.trim(), 2)
  const [name = '', clock = '', channels = '1'] = codec.split('/', 3)
  maps.push([type, `${token(name)}/${token(clock)}${channels === '1' ? '' : `/${token(channels)}`}`])
}

function addKey({ keys }: Scope, key: Key): void {
  if (!keys.includes(key)) keys.push(key)
}

/** `qos e2e none` */
function readCurrent({ current }: Scope, value: string): void {
  const [type, status, direction] = wordsOf(value.trim(), 3)
  if (direction && current.length < MOST_ATTRIBUTES) current.push({ of: `${type} ${status}`, direction })
}

/** `qos mandatory e2e sendrecv` */
function readDesired({ mandatory }: Scope, value: string): void {
  const [type, strength, status, direction] = wordsOf(value.trim(), 4)
  if (!direction || strength !== 'mandatory' || mandatory.length === MOST_ATTRIBUTES) return
  mandatory.push({ of: `${type} ${status}`, direction })
}

const finished = (lines: readonly Scope[], session: Scope): MediaLine[] =>
  lines.map(line => ({
    kind: line.kind,
    profile: line.profile,
    open: line.open,
    direction: line.direction ?? session.direction ?? 'sendrecv',
    held: line.held ?? session.held ?? false,
    codecs: codecsOf(line),
    keys: session.keys.length === 0 ? line.keys : [...new Set([...line.keys, ...session.keys])],
    negotiable: line.negotiable || session.negotiable,
    unmet: unmetOf(line)
  }))

/** RTP payload types that need no rtpmap (RFC 3551 §6), comfort noise left out. */
const assigned: ReadonlyMap<string, string> = new Map([
  ['0', 'PCMU/8000'],
  ['3', 'GSM/8000'],
  ['4', 'G723/8000'],
  ['5', 'DVI4/8000'],
  ['6', 'DVI4/16000'],
  ['7', 'LPC/8000'],
  ['8', 'PCMA/8000'],
  ['9', 'G722/8000'],
  ['10', 'L16/44100/2'],
  ['11', 'L16/44100'],
  ['12', 'QCELP/8000'],
  ['14', 'MPA/90000'],
  ['15', 'G728/8000'],
  ['16', 'DVI4/11025'],
  ['17', 'DVI4/22050'],
  ['18', 'G729/8000']
])

/** Neither says anything to a caller who listens. */
const isVoice = (codec: string): boolean => !/^(telephone-event|CN)\//i.test(codec)

function codecsOf({ formats, maps }: Scope): string[] {
  const codecs: string[] = []
  for (const format of formats) {
    const codec = maps.find(([type]) => type === format)?.[1] ?? assigned.get(format)
    if (codec !== undefined && isVoice(codec)) codecs.push(codec)
  }
  return codecs
}

function unmetOf({ current, mandatory }: Scope): ('send' | 'recv')[] {
  if (mandatory.length === 0) return []
  const covers = (direction: string, wanted: string): boolean => direction === wanted || direction === 'sendrecv'
  const now = new Map(current.map(each => [each.of, each.direction]))
  const isUnmet = (wanted: string): boolean =>
    mandatory.some(each => covers(each.direction, wanted) && !covers(now.get(each.of) ?? 'none', wanted))
  return (['send', 'recv'] as const).filter(isUnmet)
}

/** What is no token of RFC 4566 §9, or longer than any name, is not kept as it stands. */
const token = (word: string): string =>
  /^[\w!#$%&'*+./^`{|}~-]*$/.test(word) && word.length <= LONGEST_TOKEN
    ? word
    : word.slice(0, LONGEST_TOKEN).replaceAll(/[^\w.-]/g, '_')

import { mediaOf, type Direction, type Key, type MediaLine } from '@earshot/sip'

/*
 * What is kept of a description, as text: one part for each media line, joined by commas, of words joined by blanks,
 *
 *   audio RTP/AVP PCMA/8000 PCMU/8000,video RTP/AVP off
 *
 * and of what goes without saying (port open, sendrecv) nothing. Most descriptions of a carrier come to the same few
 * texts, so that what is derived of them is derived once.
 */

/** No description. */
export const NO_MEDIA = ''
/** A description of which a former version kept nothing but that it was there. */
export const UNKNOWN_MEDIA = '?'
/** A body that says to be a description and is none. */
const UNREADABLE = '!'
/** A description without media lines. */
const NO_LINES = '-'
/** Longer than a real one. */
const LONGEST = 2000

/** The text of a description. */
export function mediaTextOf(description: Buffer): string {
  if (description.length > MOST_REMEMBERED) return writeMedia(mediaOf(description))
  const key = withoutNumbers(description.toString('latin1'))
  const known = written.get(key)
  if (known !== undefined) return known
  const text = writeMedia(mediaOf(description))
  if (written.size >= MOST_WRITTEN) written.clear()
  written.set(key, text)
  return text
}

/** Descriptions that are remembered, and the longest of them: 4 MB at most. */
const MOST_WRITTEN = 1000
const MOST_REMEMBERED = 4000
const written = new Map<string, string>()

/**
 * A description without what differs from call to call and says nothing of media: its `o=` line, and the number of
 * the first port. The descriptions of one gateway are mostly equal then, and looked up instead of read.
 */
function withoutNumbers(text: string): string {
  const origin = text.indexOf('\no=')
  const originEnd = origin < 0 ? -1 : text.indexOf('\n', origin + 1)
  const media = originEnd < 0 ? -1 : text.indexOf('\nm=', originEnd)
  const port = media < 0 ? 0 : text.indexOf(' ', media) + 1
  if (port === 0 || port > text.indexOf('\n', media + 1)) return text
  let portEnd = port
  while (isDigit(text.charCodeAt(portEnd))) portEnd++
  if (portEnd === port) return text
  const isOpen = text.charCodeAt(port) !== ZERO
  return `${text.slice(0, origin)}${text.slice(originEnd, port)}${isOpen ? '1' : text.slice(port, portEnd)}${text.slice(portEnd)}`
}

const ZERO = 0x30
const isDigit = (code: number): boolean => code >= ZERO && code <= 0x39

export function writeMedia(media: readonly MediaLine[] | undefined): string {
  if (!media) return UNREADABLE
  if (media.length === 0) return NO_LINES
  let text = ''
  for (const { kind, profile, open, direction, held, codecs, keys, negotiable, unmet } of media) {
    if (text !== '') text += ','
    text += `${kind} ${profile}`
    if (!open) text += ' off'
    if (direction !== 'sendrecv') text += ` ${direction}`
    if (held) text += ' held'
    for (const codec of codecs) text += ` ${codec}`
    for (const key of keys) text += ` key:${key}`
    if (negotiable) text += ' negotiable'
    for (const way of unmet) text += ` unmet:${way}`
  }
  return text.length <= LONGEST ? text : text.slice(0, text.lastIndexOf(' ', LONGEST))
}

/** The reverse; undefined where the description could not be read. */
export function readMedia(text: string): readonly MediaLine[] | undefined {
  const known = read.get(text)
  if (known || text === UNREADABLE) return known
  const media = text === NO_LINES || text === NO_MEDIA ? [] : text.split(',').map(readLine)
  if (read.size >= MOST_READ) read.clear()
  read.set(text, media)
  return media
}

/** Texts that are remembered as read; a peer that makes them all different pays with speed and not with memory. */
const MOST_READ = 1000
const read = new Map<string, readonly MediaLine[]>()

function readLine(text: string): MediaLine {
  const [kind = '', profile = '', ...words] = text.split(' ')
  const marked = (mark: string): string[] =>
    words.filter(word => word.startsWith(mark)).map(word => word.slice(mark.length))
  return {
    kind,
    profile,
    open: !words.includes('off'),
    direction: words.find(isDirection) ?? 'sendrecv',
    held: words.includes('held'),
    codecs: words.filter(word => word.includes('/')),
    keys: marked('key:') as Key[],
    negotiable: words.includes('negotiable'),
    unmet: marked('unmet:') as ('send' | 'recv')[]
  }
}

const isDirection = (word: string): word is Direction =>
  word === 'sendonly' || word === 'recvonly' || word === 'inactive'

export type CaptureErrorCode =
  'missing' | 'unreadable' | 'empty' | 'not-a-capture' | 'unsupported-link' | 'truncated' | 'corrupt'

/**
 * The file that the user named cannot be read, or not to its end. The message is one line for the user and says what
 * to do. After `truncated` and `corrupt` everything before `offset` has been yielded.
 */
export class CaptureError extends Error {
  readonly code: CaptureErrorCode
  /** Byte where the unreadable record begins, of the unpacked file; for damage of gzip itself, of the packed one. */
  readonly offset: number

  constructor(code: CaptureErrorCode, path: string, offset = 0, cause?: unknown) {
    super(`${path}: ${explanation[code](offset)}`, { cause })
    this.name = 'CaptureError'
    this.code = code
    this.offset = offset
  }
}

const explanation: Record<CaptureErrorCode, (offset: number) => string> = {
  missing: () => 'there is no such file; check the path',
  unreadable: () => 'cannot be read; check that it is a file and that you may read it',
  empty: () => 'the file is empty; capture again, for example with: tcpdump -i any -w FILE port 5060',
  'not-a-capture': () => 'not a pcap, pcapng or HEP file (plain or gzip); convert it with: editcap -F pcapng FILE OUT',
  'unsupported-link': () => 'no packet has a supported link type; capture on Ethernet, IP, PPP or "any"',
  truncated: offset => `cut off in the middle of a record at byte ${offset}; only what is before it was read`,
  corrupt: offset => `damaged at byte ${offset}; only what is before it was read; try: editcap FILE OUT`
}

import { EXTENSION, headerId, isExtension } from './header-names.ts'
import type { HeaderName } from './header-names.ts'
import { HeaderCursor } from './headers.ts'
import type { HeaderIndex } from './headers.ts'
import { equalsIgnoringCase } from './octets.ts'
import { ListCursor } from './parameters.ts'
import type { Range } from './parameters.ts'

/** The values of all headers with one of the ids of header-names.ts, in order; no walk when the scan saw none. */
export function linesOf(bytes: Buffer, index: HeaderIndex, id: number): Range[] {
  if (!index.has(id)) return []
  return collect(bytes, index, header => headerId(bytes, header.nameAt, header.nameEnd) === id)
}

/** The same for any header. */
export function linesNamed(bytes: Buffer, index: HeaderIndex, { id, long, compact }: HeaderName): Range[] {
  if (id !== 0) return linesOf(bytes, index, id)
  if (isExtension(long) && !index.has(EXTENSION)) return []
  return collect(
    bytes,
    index,
    ({ nameAt, nameEnd }) =>
      equalsIgnoringCase(bytes, nameAt, nameEnd, long) ||
      (compact !== '' && equalsIgnoringCase(bytes, nameAt, nameEnd, compact))
  )
}

/** The comma-separated values of header lines, empty ones left out, and no more than `most` of them. */
export function splitLines(bytes: Buffer, lines: readonly Range[], most = Infinity): Range[] {
  const values: Range[] = []
  for (const line of lines) {
    const list = new ListCursor(bytes, line.at, line.end)
    while (values.length < most && list.next()) values.push({ at: list.valueAt, end: list.valueEnd })
  }
  return values
}

function collect(bytes: Buffer, index: HeaderIndex, isWanted: (header: HeaderCursor) => boolean): Range[] {
  const lines: Range[] = []
  const header = new HeaderCursor(bytes, index.at, index.end)
  while (header.next()) if (isWanted(header)) lines.push({ at: header.valueAt, end: header.valueEnd })
  return lines
}

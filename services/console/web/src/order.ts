import { earlyMediaAnswerRate, earlyMediaRate, methodLabels, rejected, segments, segmentsOf } from './figures.ts'
import type { MethodLabel, Segment } from './figures.ts'
import { severities, worst } from './problems.ts'
import type { Row } from './problems.ts'

export const columns = ['state', 'peer', 'attempts', 'emRate', 'emAsr', 'emTime', 'sdp183'] as const
export type SortKey = (typeof columns)[number] | Segment | MethodLabel

export type Sort = { readonly key: SortKey; readonly descending: boolean }

/** The most urgent first; among equals a row keeps its place, whatever its traffic does. */
export const defaultSort: Sort = { key: 'state', descending: true }

const sortKeys: readonly string[] = [...columns, ...segments, ...methodLabels]

/** `emAsr` or, descending, `-emAsr`; undefined if there is no such column. */
export function parseSort(text: string): Sort | undefined {
  const descending = text.startsWith('-')
  const key = descending ? text.slice(1) : text
  return sortKeys.includes(key) ? { key: key as SortKey, descending } : undefined
}

export const sortText = ({ key, descending }: Sort): string => (descending ? `-${key}` : key)

/** What a click on a column's head means: its worst end first, and the other end the second time. */
export const clicked = (sort: Sort, key: SortKey): Sort => ({
  key,
  descending: sort.key === key ? !sort.descending : key !== 'peer' && key !== 'emAsr'
})

/** Rows without the figure come last both ways; equal ones by name. */
export function sorted(rows: readonly Row[], sort: Sort): Row[] {
  const sign = sort.descending ? -1 : 1
  const figures = new Map(rows.map(row => [row, figure(row, sort.key)]))
  return rows.toSorted((a, b) => {
    if (sort.key === 'peer') return sign * byName(a, b)
    const [x, y] = [figures.get(a), figures.get(b)]
    if (x === y) return byName(a, b)
    if (x === undefined || y === undefined) return x === undefined ? 1 : -1
    return sign * (x - y)
  })
}

const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

const byName = (a: Row, b: Row): number =>
  names.compare(a.peer.peer, b.peer.peer) || names.compare(a.peer.direction, b.peer.direction)

function figure({ peer, problems }: Row, key: SortKey): number | undefined {
  if (isMethod(key)) return rejected(peer, key)
  if (isSegment(key)) return segmentsOf(peer.earlyMedia.attempts, peer.earlyMedia.outcomes)[key]
  switch (key) {
    case 'peer':
      return undefined
    case 'state': {
      const severity = worst(problems)
      return severity === undefined ? 0 : severities.length - severities.indexOf(severity)
    }
    case 'attempts':
      return peer.attempts
    case 'emRate':
      return earlyMediaRate(peer)
    case 'emAsr':
      return earlyMediaAnswerRate(peer)
    case 'emTime':
      return peer.earlyMedia.seconds
    case 'sdp183':
      return peer.responses183.withSdp
  }
}

const isSegment = (key: SortKey): key is Segment => segments.some(segment => segment === key)
const isMethod = (key: SortKey): key is MethodLabel => methodLabels.some(method => method === key)

/**
 * Rows in which each word of the filter occurs: in the name, the group, the direction, a rejected method or a
 * problem's headline.
 */
export function matching(rows: readonly Row[], filter: string): Row[] {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter(({ peer, problems }) => {
    const text = [
      peer.peer,
      peer.group ?? '',
      peer.direction,
      ...peer.rejections.map(r => `${r.method} ${r.code}`),
      ...problems.flatMap(p => [p.severity, p.headline])
    ]
      .join('\n')
      .toLowerCase()
    return wanted.every(word => text.includes(word))
  })
}

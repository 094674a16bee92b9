import { useEffect, useRef } from 'react'
import { segments } from './figures.ts'
import { words } from './format.ts'
import { defaultSort, parseSort, sortText } from './order.ts'
import type { ChangeView } from './use-view.ts'
import type { View } from './view.ts'

type Props = {
  readonly view: View
  readonly change: ChangeView
  readonly shown: number
  readonly all: number
  /** Rows between our own equipment. */
  readonly internal: number
}

export function Toolbar({ view, change, shown, all, internal }: Props) {
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event.target)) return
      event.preventDefault()
      box.current?.focus()
    }
    addEventListener('keydown', focus)
    return () => removeEventListener('keydown', focus)
  }, [])
  return (
    <div className="toolbar" role="search">
      <input
        ref={box}
        type="search"
        aria-label="Filter peers"
        aria-keyshortcuts="/"
        placeholder="Filter: name, group, inbound, UPDATE, alarm …  ( / )"
        value={view.filter}
        onChange={event => change(before => ({ ...before, filter: event.target.value }))}
        onKeyDown={event => {
          if (event.key === 'Escape') change(before => ({ ...before, filter: '' }))
        }}
      />
      <p role="status" className="shown">
        {view.filter === '' ? `${all} rows` : `${shown} of ${all} rows`}
      </p>
      {internal > 0 && (
        <label className="internal">
          <input
            type="checkbox"
            checked={view.internal}
            onChange={event => change(before => ({ ...before, internal: event.target.checked }))}
          />
          internal traffic ({internal})
        </label>
      )}
      <SortChoice view={view} change={change} />
    </div>
  )
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement

const choices: readonly (readonly [string, string])[] = [
  [sortText(defaultSort), 'most urgent'],
  ['peer', 'name'],
  ['-attempts', 'most attempts'],
  ['-emRate', 'most early media'],
  ['emAsr', 'lowest EM-ASR'],
  ['-emTime', 'most early-media time'],
  ...segments.map(segment => [`-${segment}`, `most ${words(segment)} after early media`] as const)
]

/** Where rows are cards there are no column heads to click. */
function SortChoice({ view, change }: Pick<Props, 'view' | 'change'>) {
  const current = sortText(view.sort)
  return (
    <label className="sort-choice">
      Sort
      <select
        value={current}
        onChange={event => {
          const sort = parseSort(event.target.value)
          if (sort) change(before => ({ ...before, sort }))
        }}
      >
        {choices.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
        {!choices.some(([value]) => value === current) && <option value={current}>{current}</option>}
      </select>
    </label>
  )
}

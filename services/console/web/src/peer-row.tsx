import { memo, useId } from 'react'
import type { Direction } from './api.ts'
import type { MethodLabel } from './figures.ts'
import type { Minutes } from './history.ts'
import { PeerDetail } from './peer-detail.tsx'
import { worst } from './problems.ts'
import type { Row } from './problems.ts'
import { SeverityMark } from './severity-mark.tsx'
import { TallyCells } from './tally-cells.tsx'

type Props = {
  readonly row: Row
  readonly methods: readonly MethodLabel[]
  readonly minutes: Minutes | undefined
  readonly expanded: boolean
  readonly toggle: (key: string) => void
}

const arrows: Record<Direction, string> = { outbound: '→', inbound: '←', internal: '↔' }

export const PeerRow = memo(function PeerRow({ row, methods, minutes, expanded, toggle }: Props) {
  const id = useId()
  const { key, peer, problems } = row
  const severity = worst(problems)
  const [first, ...others] = problems
  return (
    <>
      <tr
        role="row"
        className={['row', severity, expanded && 'expanded'].filter(Boolean).join(' ')}
        onClick={event => {
          const chosen = getSelection()?.toString() !== ''
          if (!chosen && !(event.target as Element).closest('button, a')) toggle(key)
        }}
      >
        <td role="cell" className="state">
          <SeverityMark severity={severity ?? 'ok'} label={severity ?? 'nothing to look at'} />
        </td>
        <th role="rowheader" scope="row" className="peer">
          <button
            type="button"
            aria-expanded={expanded}
            aria-controls={expanded ? id : undefined}
            onClick={() => toggle(key)}
          >
            <span className="name" title={peer.peer}>
              {peer.peer}
            </span>
          </button>
          <span className="where">
            <span aria-hidden="true">{arrows[peer.direction]}</span> {peer.direction}
            {peer.ours === true && ' · ours'}
            {peer.group !== undefined && ` · ${peer.group}`}
          </span>
          {first && (
            <span className="problem" title={problems.map(p => p.headline).join('\n')}>
              {first.headline}
              {others.length > 0 && ` +${others.length}`}
            </span>
          )}
        </th>
        <TallyCells tally={peer} methods={methods} perMinute={minutes?.attempts} heated />
      </tr>
      {expanded && (
        <tr role="row" className="detail" id={id}>
          <td role="cell" colSpan={8 + methods.length}>
            <PeerDetail row={row} minutes={minutes} />
          </td>
        </tr>
      )}
    </>
  )
})

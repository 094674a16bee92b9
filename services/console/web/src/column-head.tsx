import type { ReactNode } from 'react'
import { segments } from './figures.ts'
import type { MethodLabel } from './figures.ts'
import { words } from './format.ts'
import { clicked } from './order.ts'
import type { Sort, SortKey } from './order.ts'

type SortProps = { readonly sort: Sort; readonly onSort: (sort: Sort) => void }

/** The two lines of column heads; the legend of the stacked bar is the head of its figures. */
export function ColumnHeads({ methods, ...sorting }: SortProps & { readonly methods: readonly MethodLabel[] }) {
  return (
    <thead role="rowgroup">
      <tr role="row">
        <Head name="state" {...sorting} title="Alarms, then warnings, then notices">
          <span className="hidden">State</span>
          <span aria-hidden="true">!</span>
        </Head>
        <Head name="peer" {...sorting}>
          Peer
        </Head>
        <Head name="attempts" {...sorting} title="Call attempts; below, the last hour by the minute" below="last hour">
          Attempts
        </Head>
        <th role="columnheader" scope="col" className="em-outcomes" aria-sort={sortOf(sorting.sort, segments)}>
          <span className="head title">Outcomes after early media</span>
          <span className="legend">
            {segments.map(segment => (
              <SortButton key={segment} name={segment} {...sorting}>
                <i className={`swatch ${segment}`} aria-hidden="true" />
                {words(segment)}
              </SortButton>
            ))}
          </span>
        </th>
        <Head
          name="emRate"
          {...sorting}
          title="Attempts with early media, of those that ended; below, how many"
          below="attempts"
        >
          EM rate
        </Head>
        <Head name="emAsr" {...sorting} title="Answered after early media, of the attempts with it that ended">
          EM-ASR
        </Head>
        <Head name="emTime" {...sorting} title="Early media, summed; below, per attempt that had it" below="each">
          EM time
        </Head>
        <Head
          name="sdp183"
          {...sorting}
          title="183 responses with a session description; below, without"
          below="without"
        >
          183 SDP
        </Head>
        {methods.map((method, i) => (
          <Head
            key={method}
            name={method}
            {...sorting}
            className={i === 0 ? 'method first' : 'method'}
            title={`${method} transactions answered 501 or 405`}
          >
            {method}
          </Head>
        ))}
      </tr>
    </thead>
  )
}

type HeadProps = SortProps & { name: SortKey; className?: string; title?: string; below?: string; children: ReactNode }

function Head({ name, className, below, ...rest }: HeadProps) {
  return (
    <th role="columnheader" scope="col" className={className ?? name} aria-sort={sortOf(rest.sort, [name])}>
      <SortButton name={name} {...rest} />
      {below !== undefined && <span className="head">{below}</span>}
    </th>
  )
}

function SortButton({ name, sort, onSort, title, children }: HeadProps) {
  const active = sort.key === name
  return (
    <button
      type="button"
      className={active ? 'sort active' : 'sort'}
      title={title}
      onClick={() => onSort(clicked(sort, name))}
    >
      {children}
      <span className="arrow" aria-hidden="true">
        {active ? (sort.descending ? '▼' : '▲') : ''}
      </span>
    </button>
  )
}

const sortOf = (sort: Sort, names: readonly SortKey[]) =>
  names.includes(sort.key) ? (sort.descending ? 'descending' : 'ascending') : 'none'

import type { DiagnosisCode } from '../../answers/words.ts'
import { diagnoses, type Series } from './api.ts'
import { ClassTable } from './class-table.tsx'
import { count, words } from './format.ts'
import { Link } from './link.tsx'
import { OutcomeTable } from './outcome-table.tsx'

type Props = { readonly total: Series['total']; readonly peer: string }

/** The same period in tables, each count with its calls. */
export function PeerCounts({ total, peer }: Props) {
  return (
    <div className="panels">
      <section className="panel">
        <OutcomeTable tally={total} />
      </section>
      <section className="panel">
        <ClassTable tally={total} />
      </section>
      <section className="panel">
        <h3>Why early media could not play</h3>
        {total.diagnoses.length === 0 ? (
          <p className="remark">No attempt has a diagnosis.</p>
        ) : (
          <Counted
            head="diagnosis"
            rows={total.diagnoses.map(({ code, attempts }) => ({
              key: code,
              name: diagnoses[code as DiagnosisCode] ?? words(code),
              counted: attempts,
              query: code in diagnoses ? { peer, diagnosis: code } : undefined
            }))}
          />
        )}
      </section>
      <section className="panel">
        <h3>Rejected requests</h3>
        {total.rejections.length === 0 ? (
          <p className="remark">Nothing was answered 501 or 405.</p>
        ) : (
          <Counted
            head="method"
            rows={total.rejections.map(({ method, code, transactions }) => ({
              key: `${method} ${code}`,
              name: `${method} ${code}`,
              counted: transactions,
              query: { peer, method }
            }))}
          />
        )}
      </section>
    </div>
  )
}

type CountedRow = {
  readonly key: string
  readonly name: string
  readonly counted: number
  readonly query: Readonly<Record<string, string>> | undefined
}

function Counted({ head, rows }: { readonly head: string; readonly rows: readonly CountedRow[] }) {
  return (
    <table className="small">
      <thead>
        <tr>
          <th scope="col">{head}</th>
          <th scope="col">count</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, counted, query }) => (
          <tr key={key}>
            <th scope="row">
              {query ? (
                <Link page="calls" query={query} title="Show these calls">
                  {name}
                </Link>
              ) : (
                name
              )}
            </th>
            <td>{count(counted)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

import { useId, type FormEvent } from 'react'
import { diagnoses, earlyMediaClasses, outcomes } from './api.ts'
import { methodLabels } from './figures.ts'
import { words } from './format.ts'
import { periods } from './periods.ts'
import { go, placeOf } from './router.ts'
import { useLive } from './use-live.tsx'

/** Names of what can be searched by, as the API has them. */
const fields = ['callId', 'number', 'peer', 'direction', 'outcome', 'class', 'diagnosis', 'method', 'last'] as const

/** The form of a search; submitting it is a place to go to. */
export function CallSearch({ query }: { readonly query: URLSearchParams }) {
  const { rows } = useLive()
  const names = useId()
  const peers = [...new Set(rows.map(({ peer }) => peer.peer))].sort()
  const given = (name: (typeof fields)[number]): string => query.get(name) ?? ''
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    go(placeOf('calls', Object.fromEntries(fields.map(name => [name, textIn(form.get(name))]))))
  }
  return (
    <form className="search" role="search" aria-label="Calls" onSubmit={search}>
      <Text name="callId" label="Call-ID" value={given('callId')} />
      <Text name="number" label="Number" value={given('number')} hint="caller or callee; 4930* begins so" />
      <label>
        Peer
        <input name="peer" defaultValue={given('peer')} list={names} autoComplete="off" />
        <datalist id={names}>
          {peers.map(peer => (
            <option key={peer} value={peer} />
          ))}
        </datalist>
      </label>
      <Choice
        name="direction"
        label="Direction"
        value={given('direction')}
        options={['outbound', 'inbound', 'internal']}
      />
      <Choice name="outcome" label="Outcome" value={given('outcome')} options={outcomes} />
      <Choice name="class" label="Before the answer" value={given('class')} options={earlyMediaClasses} />
      <Choice
        name="diagnosis"
        label="Diagnosis"
        value={given('diagnosis')}
        options={Object.keys(diagnoses)}
        names={diagnoses}
      />
      <Choice
        name="method"
        label="Rejected method"
        value={given('method')}
        options={methodLabels.filter(each => each !== 'OTHER')}
      />
      <label>
        Time
        <select name="last" defaultValue={given('last')}>
          <option value="">all that is kept</option>
          {Object.entries(periods).map(([name, { name: period }]) => (
            <option key={name} value={name}>
              last {period}
            </option>
          ))}
        </select>
      </label>
      <div className="buttons">
        <button type="submit" className="primary">
          Search
        </button>
        {[...query].length > 0 && (
          <button type="button" onClick={() => go('calls')}>
            Clear
          </button>
        )}
      </div>
    </form>
  )
}

const textIn = (value: FormDataEntryValue | null): string => (typeof value === 'string' ? value.trim() : '')

type TextProps = { readonly name: string; readonly label: string; readonly value: string; readonly hint?: string }

function Text({ name, label, value, hint }: TextProps) {
  return (
    <label>
      {label}
      <input name={name} defaultValue={value} placeholder={hint} autoComplete="off" spellCheck={false} />
    </label>
  )
}

type ChoiceProps = {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly options: readonly string[]
  readonly names?: Readonly<Record<string, string>>
}

function Choice({ name, label, value, options, names = {} }: ChoiceProps) {
  return (
    <label>
      {label}
      <select name={name} defaultValue={value}>
        <option value="">any</option>
        {options.map(option => (
          <option key={option} value={option}>
            {names[option] ?? words(option)}
          </option>
        ))}
        {value !== '' && !options.includes(value) && <option value={value}>{value}</option>}
      </select>
    </label>
  )
}

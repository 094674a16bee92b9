import { useState } from 'react'
import type { Alert } from './api.ts'
import { acknowledge, silence, silenceHours } from './decide.ts'
import { words } from './format.ts'

const nameKey = 'earshot.name'

type Props = { readonly alert: Alert; readonly decided: () => void }

/** Acknowledges an alert, or silences its kind at its peer, in the name that the browser keeps. */
export function AlertActions({ alert, decided }: Props) {
  const [by, setBy] = useState(() => localStorage.getItem(nameKey) ?? '')
  const [hours, setHours] = useState<number>(silenceHours[0])
  const [trouble, setTrouble] = useState<string>()
  const tell = (decision: Promise<void>) => {
    localStorage.setItem(nameKey, by)
    decision.then(
      () => {
        setTrouble(undefined)
        decided()
      },
      (error: Error) => setTrouble(error.message)
    )
  }
  const nameless = by.trim() === ''
  return (
    <form
      className="actions"
      aria-label={`What to do about: ${alert.summary}`}
      onSubmit={event => {
        event.preventDefault()
        if (!nameless) tell(acknowledge(alert, by))
      }}
    >
      <label>
        Your name <input value={by} maxLength={100} autoComplete="name" onChange={event => setBy(event.target.value)} />
      </label>
      <button type="submit" disabled={nameless}>
        Acknowledge
      </button>
      <label>
        Silence {words(alert.kind)} of {alert.peer} for{' '}
        <select value={hours} onChange={event => setHours(Number(event.target.value))}>
          {silenceHours.map(each => (
            <option key={each} value={each}>
              {each < 24 ? `${each} h` : `${each / 24} d`}
            </option>
          ))}
        </select>
      </label>
      <button type="button" disabled={nameless} onClick={() => tell(silence(alert, hours, by))}>
        Silence
      </button>
      {trouble !== undefined && <span role="alert">{trouble}</span>}
    </form>
  )
}

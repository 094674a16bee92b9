import { useState } from 'react'
import type { Alert } from './api.ts'
import { acknowledge, silence, silenceHours } from './decide.ts'
import { words } from './format.ts'

type Props = {
  readonly alert: Alert
  /** In whose name, for all alerts. */
  readonly by: string
  readonly name: (by: string) => void
  readonly decided: () => void
}

/** Acknowledges an alert, or silences its kind at its peer. */
export function AlertActions({ alert, by, name, decided }: Props) {
  const [hours, setHours] = useState<number>(silenceHours[0])
  const [trouble, setTrouble] = useState<string>()
  const tell = (decision: Promise<void>) => {
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
        Your name <input value={by} maxLength={100} autoComplete="name" onChange={event => name(event.target.value)} />
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

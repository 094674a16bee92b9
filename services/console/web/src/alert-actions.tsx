import { useState } from 'react'
import type { Alert } from './api.ts'
import { acknowledge, silence, silenceHours } from './decide.ts'
import { words } from './format.ts'
import { storedName, storeName } from './own-name.ts'
import { useSession } from './use-session.ts'

/** Acknowledges an alert, or silences its kind at its peer; in the name of who is signed in, else in that given. */
export function AlertActions({ alert }: { readonly alert: Alert }) {
  const session = useSession()
  const [typed, setTyped] = useState(storedName)
  const [hours, setHours] = useState<number>(silenceHours[0])
  const [trouble, setTrouble] = useState<string>()
  const tell = (decision: Promise<void>) => {
    decision.then(
      () => setTrouble(undefined),
      (error: Error) => setTrouble(error.message)
    )
  }
  const isKnown = session?.name !== undefined
  const by = isKnown ? undefined : typed
  const nameless = by?.trim() === ''
  const name = (text: string) => {
    setTyped(text)
    storeName(text)
  }
  return (
    <form
      className="actions"
      aria-label={`What to do about: ${alert.summary}`}
      onSubmit={event => {
        event.preventDefault()
        if (!nameless) tell(acknowledge(alert, by))
      }}
    >
      {!isKnown && (
        <label>
          Your name{' '}
          <input value={typed} maxLength={100} autoComplete="name" onChange={event => name(event.target.value)} />
        </label>
      )}
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

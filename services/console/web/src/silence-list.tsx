import type { Silence } from './api.ts'
import { endSilence } from './decide.ts'
import { timeOn, words } from './format.ts'

type Props = { readonly silences: readonly Silence[] }

/** What nobody is told of now, each with a button that ends it. */
export function SilenceList({ silences }: Props) {
  return (
    <ul aria-label="Silences">
      {silences.map(silence => (
        <li key={silence.id} className="over">
          <span>
            {nameOf(silence)} silenced by {silence.by} until {timeOn(new Date(silence.until), new Date())} UTC
          </span>
          {/* What failed is still shown, with its button. */}
          <button type="button" onClick={() => void endSilence(silence).catch(() => undefined)}>
            End<span className="hidden"> the silence of {nameOf(silence)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

const nameOf = ({ peer, kind }: Silence): string =>
  `${kind === undefined ? 'Every alert' : words(kind)} of ${peer ?? 'every peer'}`

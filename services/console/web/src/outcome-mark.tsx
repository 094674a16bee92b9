import type { Outcome } from './api.ts'
import { segments } from './figures.ts'

/** The colour that the outcome has in the bars. */
export function OutcomeMark({ outcome }: { readonly outcome: Outcome }) {
  const segment = segments.find(each => each === outcome) ?? 'failed'
  return <i className={`swatch ${segment}`} aria-hidden="true" />
}

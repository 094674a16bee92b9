/** Numbers and times as people read them; nothing for what is not known. */

const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const coarse = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

export const countText = (count: number | null | undefined): string =>
  count === null || count === undefined ? '' : counts.format(count)

/** Two digits of what is small, one of what is large. */
export const erlangsText = (erlangs: number | null | undefined): string =>
  erlangs === null || erlangs === undefined ? '' : (Math.abs(erlangs) < 100 ? fine : coarse).format(erlangs)

export const percentText = (share: number | null | undefined): string =>
  share === null || share === undefined ? '' : `${coarse.format(100 * share)} %`

/** With its sign, for what changes. */
export const changeText = (change: number | null | undefined): string =>
  change === null || change === undefined ? '' : `${change > 0 ? '+' : ''}${fine.format(change)}`

/** `4.2 s`, `12 min`, `31 h` */
export function durationText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return ''
  if (seconds < 100) return `${coarse.format(seconds)} s`
  return seconds < 3600 * 2 ? `${coarse.format(seconds / 60)} min` : `${coarse.format(seconds / 3600)} h`
}

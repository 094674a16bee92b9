/**
 * The share of calls that find none of the channels free, if they come at random and are not tried again.
 * Source: Erlang's first formula (ITU-T E.501), by its recursion over channels.
 */
export function erlangB(erlangs: number, channels: number): number {
  let blocking = 1
  for (let channel = 1; channel <= channels; channel++) blocking = (erlangs * blocking) / (channel + erlangs * blocking)
  return blocking
}

/**
 * The fewest channels by which no more than this share of calls is blocked.
 *
 * @param blocking between 0 and 1, both excluded
 */
export function channelsFor(erlangs: number, blocking: number): number {
  let channels = 0
  for (let blocked = 1; blocked > blocking; blocked = (erlangs * blocked) / (channels + erlangs * blocked)) channels++
  return channels
}

/**
 * What would have been carried had nothing been blocked, each blocked attempt as long as the others were on average: an
 * attempt that was tried again elsewhere or later counts as often as it was offered here. Null where all were blocked.
 */
export function offeredErlangs(
  carried: number,
  { attempts, blocked }: { readonly attempts: number; readonly blocked: number }
): number | null {
  if (blocked === 0) return carried
  return attempts > blocked ? (carried * attempts) / (attempts - blocked) : null
}

import { setTimeout as sleep } from 'node:timers/promises'

/** One thing that goes wrong and comes right again; the next one waits for it. */
export type Fault = { readonly name: string; readonly happen: (pauseMs: number) => Promise<void> }

/** Numbers that a seed decides (Park and Miller). */
export function numbers(seed: number): (below: number) => number {
  let state = (seed % 2147483646) + 1
  return below => (state = (state * 48271) % 2147483647) % below
}

/**
 * Lets faults happen at random moments until there were enough. Told each, so that a failure can be understood.
 *
 * @returns how many happened, by name
 */
export async function disturb(
  faults: readonly Fault[],
  options: {
    readonly count: number
    readonly seed: number
    readonly quietMs: number
    readonly tell: (line: string) => void
  }
): Promise<Readonly<Record<string, number>>> {
  const { count, seed, quietMs, tell } = options
  const next = numbers(seed)
  const happened: Record<string, number> = {}
  for (let number = 1; number <= count; number++) {
    await sleep(next(quietMs))
    const fault = faults[next(faults.length)]!
    const pauseMs = next(3000)
    tell(`${number}/${count} ${fault.name}, back after ${pauseMs} ms`)
    await fault.happen(pauseMs)
    happened[fault.name] = (happened[fault.name] ?? 0) + 1
  }
  return happened
}

import fc from 'fast-check'
import type { Batch, Store } from './store.ts'

/** A store with nothing in it, and how many random cases it is to be tried with. */
export type Contracted = { readonly create: () => Promise<Store>; readonly numRuns: number }

export async function whileStored(
  create: () => Promise<Store>,
  batches: readonly Batch[],
  look: (store: Store) => Promise<void>
): Promise<void> {
  const store = await create()
  try {
    for (const batch of batches) await store.write(batch)
    await look(store)
  } finally {
    await store.stop()
  }
}

export const steps = ['minute', 'hour'] as const

export async function refreshed(store: Store): Promise<void> {
  for (const step of steps) await store.refresh(step)
}

/** How records are cut into batches, which of these come twice, and in which order they come. */
export type Cut = { readonly of: number; readonly twice: boolean; readonly reversed: boolean }

export const cuts: fc.Arbitrary<Cut> = fc.record({
  of: fc.integer({ min: 1, max: 4 }),
  twice: fc.boolean(),
  reversed: fc.boolean()
})

export function cutInto(all: Required<Batch>, { of, twice, reversed }: Cut): Batch[] {
  const batches = Array.from({ length: of }, (_, part) =>
    Object.fromEntries(
      Object.entries(all).map(([kind, rows]) => [
        kind,
        (rows as unknown[]).filter((_row, index) => index % of === part)
      ])
    )
  ) as Batch[]
  const ordered = reversed ? batches.toReversed() : batches
  return twice ? [...ordered, ...ordered] : ordered
}

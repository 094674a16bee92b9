import { z } from 'zod'

/** What many answers have in common. */

/** ISO 8601, UTC. */
export const Time = z.string().meta({ format: 'date-time' })

export const Failure = z.strictObject({
  error: z.string().describe('A word for programs'),
  message: z.string().describe('For people')
})

export const Count = z.number().int().min(0)

/** A share of 1; null where there is nothing that it is of. */
export const Share = z.number().nullable()

/** What was not counted is absent. */
export const countsOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.partialRecord(z.enum(names), Count)

export const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).readonly()

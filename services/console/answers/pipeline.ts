import { z } from 'zod'
import { Count, listOf, Time } from './shapes.ts'

export const Pipeline = z.strictObject({
  now: Time.describe('By the console’s clock'),
  watermark: Time.nullable().describe('Event time up to which everything is counted'),
  parts: listOf(z.strictObject({ name: z.string(), ready: z.boolean(), reason: z.string().optional() })).describe(
    'Of the process that answers'
  ),
  store: z.strictObject({
    bytes: Count,
    messagesBytes: Count,
    attempts: Count,
    oldest: Time.nullable(),
    staleMinutes: Count.describe('Minutes whose sums are behind the records')
  })
})
export type Pipeline = Readonly<z.infer<typeof Pipeline>>

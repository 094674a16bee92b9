import { z } from 'zod'
import { HeardAgent } from './peers.ts'
import { Count, listOf, Time } from './shapes.ts'

export const Agent = HeardAgent.extend({
  collector: z.string(),
  listedAs: z.string().optional().describe('What the agents’ file calls it'),
  drops: z.record(z.string(), Count),
  transports: listOf(z.string()),
  address: z.string(),
  authenticated: z.boolean().describe('Its last packet had a key that was asked for')
})
export type Agent = Readonly<z.infer<typeof Agent>>

/** Each agent as each collector knows it. */
export const Agents = z.strictObject({
  collectors: listOf(
    z.strictObject({ collector: z.string(), toldAt: Time.nullable(), drops: z.record(z.string(), Count) })
  ),
  agents: listOf(Agent)
})

export type Agents = Readonly<z.infer<typeof Agents>>

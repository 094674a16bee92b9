import { z } from 'zod'

export const Session = z.strictObject({
  name: z.string().optional().describe('Absent where access is not controlled'),
  by: z.enum(['token', 'proxy', 'loopback'])
})

export type Session = Readonly<z.infer<typeof Session>>

import { z } from 'zod'
import { listOf } from './shapes.ts'

const values = listOf(z.number())

const Series = z.strictObject({
  attempts: values,
  answered: values,
  earlyMedia: values,
  earlyMediaAnswered: values,
  rejections: values
})

/** What was added in each step of the last minutes. */
export const History = z.strictObject({
  step: z.number().describe('Seconds between two times'),
  times: values.describe('Starts of the steps, epoch seconds'),
  peers: z.record(z.string(), Series).describe('By name|direction')
})

export type History = Readonly<z.infer<typeof History>>

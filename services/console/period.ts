import { z } from 'zod'
import { epochMicros } from '@earshot/units'

/** ISO 8601, or seconds since 1970. */
const moment = z
  .string()
  .transform((text, context) => {
    const millis = /^\d{1,11}$/.test(text) ? Number(text) * 1e3 : Date.parse(text)
    if (!Number.isNaN(millis)) return epochMicros(millis * 1e3)
    context.addIssue({ code: 'custom', message: 'write a time like 2026-12-01T06:00:00Z' })
    return z.NEVER
  })
  .optional()

/** From, inclusive, up to `to`, exclusive. */
export const period = { from: moment, to: moment }

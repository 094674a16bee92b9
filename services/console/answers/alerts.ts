import { z } from 'zod'
import { listOf, Time } from './shapes.ts'
import { alertKinds } from './words.ts'

const decision = { by: z.string(), at: Time, note: z.string().optional() }

export const Silence = z.strictObject({
  id: z.string(),
  peer: z.string().optional(),
  kind: z.enum(alertKinds).optional(),
  until: Time,
  ...decision
})
export type Silence = Readonly<z.infer<typeof Silence>>

export const Alert = z.strictObject({
  id: z.string(),
  kind: z.enum(alertKinds),
  peer: z.string(),
  agent: z.string().optional().describe('A capture agent that it is about; its name is `peer` as well'),
  method: z.string().optional(),
  signal: z.string().optional(),
  severity: z.enum(['warning', 'critical']),
  startedAt: Time,
  raisedAt: Time,
  endedAt: Time.optional().describe('Absent while it lasts'),
  summary: z.string(),
  evidence: z.record(z.string(), z.union([z.string(), z.number(), listOf(z.string())])),
  advice: z.string(),
  runbook: z.string().describe('Name of the page below /runbooks/'),
  acknowledged: z.strictObject(decision).optional(),
  silence: Silence.optional()
})

export type Alert = Readonly<z.infer<typeof Alert>>

export const Alerts = z.strictObject({
  now: Time.nullable(),
  active: listOf(Alert),
  recent: listOf(Alert).describe('That are over'),
  silences: listOf(Silence)
})

export type Alerts = Readonly<z.infer<typeof Alerts>>

export const PastAlerts = z.strictObject({ rows: listOf(Alert), next: z.string().optional() })
export type PastAlerts = Readonly<z.infer<typeof PastAlerts>>

export const Told = z.strictObject({ id: z.string() }).describe('It is in the log, and holds moments later')

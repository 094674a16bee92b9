import type { AttemptRecord, CallsRecord, LegHeaders, LegsRecord, Limits, Parties } from '@earshot/calls'
import type { CaptureError } from '@earshot/capture'
import type { Contract, MaintenanceWindow } from '@earshot/peers'
import { attemptRow } from '../attempt-row.ts'
import { Analysis } from './analysis.ts'
import { LegsReport } from './legs-report.ts'
import { Merge } from './merge.ts'
import { alertsText, attemptLine, leftOutText, summaryText } from './report.ts'

export type AnalyzeOptions = {
  readonly parties: Parties
  /** The group of peers that the registry puts one in. */
  readonly groupOf?: (peer: string) => string | undefined
  readonly limits: Limits
  readonly legHeaders?: LegHeaders
  /** Windows in which nothing of a peer starts an alert. */
  readonly maintenanceOf?: (peer: string) => readonly MaintenanceWindow[]
  /** What a peer has contracted. */
  readonly contractOf?: (peer: string) => Contract | undefined
  readonly json: boolean
  /** Writes to standard output; resolves when more may be written. */
  readonly write: (text: string) => Promise<void>
}

/**
 * Reads captures and prints what became of the calls in them. Attempts are printed as they end, so that memory does
 * not grow with the files.
 *
 * @throws CaptureError for a file that is no capture, before anything is printed of it; Damaged for files not whole
 */
export async function analyze(files: readonly string[], { json, write, ...how }: AnalyzeOptions): Promise<void> {
  const ended: { readonly record: AttemptRecord; readonly joined?: LegsRecord | undefined }[] = []
  const onRecord = (record: CallsRecord): void => void (record.kind === 'attempt' && ended.push({ record }))
  const onJoined = (record: AttemptRecord, joined?: LegsRecord): void => void ended.push({ record, joined })
  const legs = new LegsReport({ shown: json })
  const onLegs = (record: LegsRecord): void => legs.take(record)
  const analysis = new Analysis({ ...how, onLegs, ...(json ? { onJoined } : { onRecord }) })
  let printed = 0
  const print = async (): Promise<void> => {
    const lines = ended.splice(0).map(({ record, joined }) => {
      if (!json) return `${attemptLine(record)}\n`
      return `${printed++ === 0 ? JSON_HEAD : ',\n  '}${JSON.stringify(attemptRow(record, joined))}`
    })
    if (lines.length > 0) await write(lines.join(''))
  }

  const captures = new Merge(files)
  for await (const batch of captures) {
    for (const captured of batch) analysis.add(captured)
    await print()
  }
  const summary = analysis.finish()
  await print()
  const joined = json ? legs.json(analysis.legsNotKept) : legs.text()
  if (json) await write(`${printed === 0 ? JSON_HEAD : ''}],\n${joined}${JSON.stringify(summary, null, 1).slice(2)}\n`)
  else await write(`${summaryText(summary)}${alertsText(summary.alerts)}${joined}${leftOutText(captures.counters)}`)
  if (captures.damages.length > 0) throw new Damaged(captures.damages)
}

/** Some files were not whole. What was readable has been printed. */
export class Damaged extends Error {
  constructor(damages: readonly CaptureError[]) {
    super(damages.map(({ message }) => message).join('\n'), { cause: damages[0] })
  }
}

const JSON_HEAD = '{\n"attempts": [\n  '

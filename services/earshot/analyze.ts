import type { AttemptRecord, CallsRecord, Limits, Parties } from '@earshot/calls'
import { CaptureError, readCapture } from '@earshot/capture'
import type { Captured } from '@earshot/units'
import { Analysis, attemptRow } from './analysis.ts'
import { progressBar } from './progress.ts'
import { attemptLine, summaryText } from './report.ts'

export type AnalyzeOptions = {
  readonly parties: Parties
  readonly limits: Limits
  readonly json: boolean
  /** Writes to standard output; resolves when more may be written. */
  readonly write: (text: string) => Promise<void>
}

/**
 * Reads captures and prints what became of the calls in them. Attempts are printed as they end, so that memory does
 * not grow with the files.
 *
 * @throws CaptureError for a file that is not a capture or not whole; what was readable is printed before
 */
export async function analyze(
  files: readonly string[],
  { parties, limits, json, write }: AnalyzeOptions
): Promise<void> {
  const ended: AttemptRecord[] = []
  const onRecord = (record: CallsRecord): void => void (record.kind === 'attempt' && ended.push(record))
  const analysis = new Analysis({ parties, limits, onRecord })
  let printed = 0
  const print = async (): Promise<void> => {
    const lines = ended.splice(0).map(record => {
      if (!json) return `${attemptLine(record)}\n`
      return `${printed++ === 0 ? JSON_HEAD : ',\n  '}${JSON.stringify(attemptRow(record))}`
    })
    if (lines.length > 0) await write(lines.join(''))
  }

  let damage: CaptureError | undefined
  try {
    for await (const batch of inTimeOrder(files)) {
      for (const captured of batch) analysis.add(captured)
      await print()
    }
  } catch (error) {
    if (!(error instanceof CaptureError) || !isDamage(error)) throw error
    damage = error
  }
  const summary = analysis.finish()
  await print()
  await write(
    json ? `${printed === 0 ? JSON_HEAD : ''}],\n${JSON.stringify(summary, null, 1).slice(2)}\n` : summaryText(summary)
  )
  if (damage) throw damage
}

const JSON_HEAD = '{\n"attempts": [\n  '

/** The file ends badly, but what is before that was read. */
const isDamage = ({ code }: CaptureError): boolean => code === 'truncated' || code === 'corrupt'

/** The packets of all files as one: of several, always the one that goes on earliest. */
async function* inTimeOrder(files: readonly string[]): AsyncGenerator<readonly Captured[]> {
  const bar = progressBar(files)
  try {
    const readers = files.map((file, index) => {
      const batches = readCapture(file, { onProgress: read => bar.at(index, read) })[Symbol.asyncIterator]()
      return { batches, next: [] as readonly Captured[] }
    })
    const open = new Set(readers)
    const refill = async (reader: (typeof readers)[number]): Promise<void> => {
      const { value, done } = await reader.batches.next()
      if (done) open.delete(reader)
      else reader.next = value
    }
    for (const reader of readers) await refill(reader)
    while (open.size > 0) {
      const [first, second] = [...open].sort((a, b) => a.next[0]!.capturedAt - b.next[0]!.capturedAt)
      const until = second?.next[0]!.capturedAt ?? Infinity
      const cut = first!.next.findIndex(({ capturedAt }) => capturedAt > until)
      if (cut > 0) {
        yield first!.next.slice(0, cut)
        first!.next = first!.next.slice(cut)
      } else {
        yield first!.next
        await refill(first!)
      }
    }
  } finally {
    bar.stop()
  }
}

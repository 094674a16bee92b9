import { Worker } from 'node:worker_threads'

export type Assignment = {
  readonly seed: number
  readonly count: number
  /** One input as hex, instead of those of the seed. */
  readonly given?: string | undefined
  readonly shared: SharedArrayBuffer
}

export type Report =
  | { readonly kind: 'progress'; readonly done: number; readonly slowestMs: number }
  /** Resident memory with the garbage collected, where `gc` is exposed. */
  | { readonly kind: 'memory'; readonly done: number; readonly rss: number }
  | Failure

export type Failure = { readonly kind: 'failed'; readonly index: number; readonly hex: string; readonly why: string }

export type Result = {
  readonly done: number
  readonly slowestMs: number
  readonly failure: Failure | undefined
  /** Bytes by which resident memory was larger at most than after the first inputs it was read after. */
  readonly grown: number
}

const HANGS_MS = 10_000
const LOOK_EVERY_MS = 500

/** Runs so many inputs of a seed, until the first failure; what does not come back is ended and is one. */
export async function campaign(
  { seed, count, given }: Omit<Assignment, 'shared'>,
  onReport: (report: Report) => void = () => undefined
): Promise<Result> {
  const shared = new SharedArrayBuffer(8 + (1 << 17))
  const workerData: Assignment = { seed, count, given, shared }
  // With a small young generation, memory tells what is kept rather than what is thrown away.
  const resourceLimits = { maxYoungGenerationSizeMb: 8 }
  const worker = new Worker(new URL('campaign.worker.ts', import.meta.url), { workerData, resourceLimits })
  const sizes: number[] = []
  let progress = { done: 0, slowestMs: 0 }
  let failure: Failure | undefined
  const watching = watch(shared, hung => {
    failure = hung
    void worker.terminate()
  })
  worker.on('message', (report: Report) => {
    if (report.kind === 'progress') progress = report
    else if (report.kind === 'memory') sizes.push(report.rss)
    else failure = report
    onReport(report)
  })
  try {
    await new Promise<void>((resolve, reject) => worker.once('exit', () => resolve()).once('error', reject))
  } finally {
    clearInterval(watching)
  }
  return {
    done: failure?.index ?? progress.done,
    slowestMs: progress.slowestMs,
    failure,
    grown: Math.max(0, ...sizes) - (sizes[0] ?? 0)
  }
}

/** Tells when the worker has been at the same input for too long. */
function watch(shared: SharedArrayBuffer, onHang: (failure: Failure) => void): NodeJS.Timeout {
  const at = new Int32Array(shared, 0, 2)
  let last = -1
  let since = performance.now()
  return setInterval(() => {
    const index = Atomics.load(at, 0)
    if (index !== last) {
      last = index
      since = performance.now()
    } else if (performance.now() - since > HANGS_MS) {
      const hex = Buffer.from(shared, 8, at[1]).toString('hex')
      onHang({ kind: 'failed', index, hex, why: `no end after ${HANGS_MS / 1e3} s` })
    }
  }, LOOK_EVERY_MS)
}

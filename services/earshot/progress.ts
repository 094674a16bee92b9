import { statSync } from 'node:fs'
import { Presets, SingleBar } from 'cli-progress'

const WORTH_A_BAR = 50e6

/** A bar on standard error for files that take a while; nothing where nobody looks at it. */
export function progressBar(files: readonly string[]): { at(file: number, bytes: number): void; stop(): void } {
  const total = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
  if (total < WORTH_A_BAR || !process.stderr.isTTY) return { at: () => undefined, stop: () => undefined }
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: '{bar} {percentage} %  {megabytes} of {all} MB, {eta_formatted} left',
      hideCursor: true
    },
    Presets.shades_classic
  )
  const read = files.map(() => 0)
  bar.start(total, 0, { megabytes: 0, all: Math.round(total / 1e6) })
  return {
    at(file, bytes) {
      read[file] = bytes
      const sum = read.reduce((a, b) => a + b, 0)
      bar.update(sum, { megabytes: Math.round(sum / 1e6) })
    },
    stop: () => bar.stop()
  }
}

export type {
  Component,
  Emitted,
  Headers,
  Lag,
  Log,
  LogRecord,
  NewRecord,
  RunOptions,
  Stage,
  StateChange,
  StateEntry,
  Work
} from './log.ts'
export { AppendError, maxValueBytes } from './log.ts'
export { LocalLog, type LocalLogOptions } from './local-log.ts'
export { partitionOf } from './partition.ts'
export { stamped } from './repetitions.ts'
export { Watermark, type WatermarkSnapshot } from './watermark.ts'

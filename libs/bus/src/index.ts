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
export { AppendError, isPassing, maxValueBytes, RecordRefused } from './log.ts'
export type { KafkaConnection, KafkaSasl, KafkaTls } from './kafka-connection.ts'
export { KafkaFailure } from './kafka-errors.ts'
export { KafkaLog, type KafkaLogOptions } from './kafka-log.ts'
export { stateTopicOf } from './kafka-names.ts'
export type { KafkaObserver } from './kafka-observer.ts'
export { checkTopics, type CheckTopics, type TopicDifference, type WantedTopic } from './kafka-topics.ts'
export { LocalLog, type LocalLogOptions } from './local-log.ts'
export { partitionOf } from './partition.ts'
export { stamped } from './repetitions.ts'
export { Watermark, type WatermarkSnapshot } from './watermark.ts'

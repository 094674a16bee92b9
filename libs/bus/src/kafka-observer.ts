/** Told what a Kafka log does, for logs and metrics. Nothing of it needs an answer, and none of it may throw. */
export type KafkaObserver = {
  /** About once a second while a partition's state is read: changelog records read so far, and of how many. */
  restoring?(at: OfPartition & { readonly records: number; readonly of: number }): void
  restored?(at: OfPartition & { readonly keys: number; readonly records: number; readonly seconds: number }): void
  /** A batch was not committed, or a partition not taken over; it is tried again. */
  failed?(at: OfPartition & { readonly error: Error }): void
  /** Nothing that was begun is committed: another member has the partition now, or the transaction took too long. */
  fenced?(at: OfPartition): void
  /** The group has shared out its partitions anew; these are worked here from now on. */
  rebalanced?(at: Of & { readonly partitions: readonly number[] }): void
  /** The group cannot be reached; what is assigned is worked on, and joining is tried again. */
  disconnected?(at: Of & { readonly error: Error }): void
}

type Of = { readonly input: string; readonly group: string }
type OfPartition = Of & { readonly partition: number }

import type { AttemptRecord, Evidence, RejectionRecord } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'
import type { Alert } from './alert.ts'

/** What detectors look at: evidence by its second, attempts by the time at which they were closed, rejections by theirs. */
export type Observation = Evidence | AttemptRecord | RejectionRecord

export type DetectorChange = { readonly key: string; readonly value: Buffer | undefined }

/**
 * Finds out when something at a peer is not as it was. A pure fold of observations: event time only, so that the same
 * ones give the same alerts.
 */
export interface Detector {
  /** The first words of the keys of its state; no two detectors share one. */
  readonly keys: readonly string[]

  /** What it wants to observe; of what no detector wants nothing is kept until its time has come. */
  readonly observes: readonly Observation['kind'][]

  /** In the order of event time, over all sources; of equal times in an order that no arrival decides. */
  observe(observation: Observation): void

  /** Everything before this time, a whole second, has been observed. */
  advance(until: EpochMicros): void

  /** The alerts that started or ended since the last call of this. Asked after `advance`. */
  alerts(): Alert[]

  /** State changed since the last call of this. Asked after `advance`. */
  changes(): DetectorChange[]

  /**
   * Takes what `changes` gave.
   *
   * @throws when a later version wrote it
   */
  restore(key: string, value: Buffer | undefined): void
}

/** From which value on a classic alert speaks, and how much there must be of what it is a share of. */
export const defaultThresholds = {
  /** Shares, of what is named with them in docs/prometheus.md. */
  asr: 0.25,
  ner: 0.6,
  earlyMediaAsr: 0.25,
  earlyMediaAbandoned: 0.6,
  earlyMediaUnusable: 0.1,
  congestion: 0.1,
  rejected: 0.1,
  contractUsed: 0.8,
  packetsLost: 0.001,
  messagesNotCounted: 0.01,
  orphans: 0.1,
  spoolUsed: 0.5,
  /** Seconds. */
  postDialDelay: 10,
  recordLatency: 15,
  clockOffset: 0.5,
  eventLoopDelay: 0.25,
  watermarkAge: 120,
  agentSilence: 300,
  /** Numbers in a quarter of an hour. */
  leastAttempts: 100,
  leastEarlyMedia: 50,
  leastRejections: 20,
  packetsRefused: 100,
  deadLetters: 100,
  timesAdjusted: 100,
  transactionFailures: 10,
  /** Of a peer whose silence is told, in its best one of the last hour. */
  steadyAttempts: 20,
  lagRecords: 10_000
}

export type Thresholds = typeof defaultThresholds

export type RuleOptions = {
  /** By what the windows of rates and the waits before an alert are multiplied: 1 as shipped, less for demos and tests. */
  readonly pace: number
  readonly thresholds: Thresholds
}

export const asShipped: RuleOptions = { pace: 1, thresholds: defaultThresholds }

/** A length of time at the pace of the rules, as Prometheus writes it. */
export function lasting(options: Pick<RuleOptions, 'pace'>, minutes: number): string {
  const seconds = secondsIn(options, minutes)
  if (seconds % 3600 === 0) return `${seconds / 3600}h`
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`
}

export function secondsIn({ pace }: Pick<RuleOptions, 'pace'>, minutes: number): number {
  const seconds = Math.round(minutes * 60 * pace)
  if (minutes > 0 && seconds === 0) throw new Error(`at a pace of ${pace} nothing is left of ${minutes} min`)
  return seconds
}

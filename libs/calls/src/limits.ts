import { seconds, type Micros } from '@earshot/units'

/** The lengths of time that the contract lets an operator choose (TX-4, TX-10). */
export type Limits = {
  /** How far behind the newest message one may arrive, and how far apart two capture points may see the same one. */
  readonly lateness: Micros
  /** Timer C: how long a provisional response keeps an attempt alive. */
  readonly timerC: Micros
  /** The same while an early dialog has a description: announcements and queues are long. */
  readonly earlyMediaTimeout: Micros
}

export const defaultLimits: Limits = {
  lateness: seconds(2),
  timerC: seconds(240),
  earlyMediaTimeout: seconds(900)
}

/** 64 × T1: Timers B, F and H, and the wait for the final after a CANCEL (RFC 3261 §17.1.1.2, §9.1). */
export const TRANSACTION_TIMEOUT = seconds(32)
/** How long a caller may take to repeat after 401, 407, 422 or 3xx, and after any other final (TX-8). */
export const RETRY_AFTER_CHALLENGE = seconds(64)
export const RETRY_AFTER_FAILURE = seconds(5)
/** Identical bytes from one agent within this are one packet seen twice, not a retransmission (TX-4). */
export const SAME_PACKET = seconds(0.05)
/** A UAS repeats an unreliable 18x about every minute (RFC 3261 §13.3.1.1). */
export const REFRESH = seconds(50)
/** Time for the other hops of one response to be seen, so that its origin is known (MC-5). */
export const HOP_WINDOW = seconds(0.5)
/** How far the clocks of agents on two hops may differ for these to be hops of one request. */
export const HOP_SKEW = seconds(2)
/** How long after its time evidence may still be told: what waits for its request, or for other hops (TX-6, MC-5). */
export const settlingTime = ({ lateness }: Limits): Micros => (lateness > HOP_WINDOW ? lateness : HOP_WINDOW)
/** A transaction is kept this long after its last message, to know copies. */
export const LINGER = TRANSACTION_TIMEOUT
/** An expired one is kept longer, to know a late final (TX-10). */
export const LINGER_EXPIRED = seconds(900)
/** A call without transactions is kept this long, so that a caller's next try is not another call. */
export const LINGER_CALL = seconds(180)
/** Evidence that no PRACK came: so many retransmissions of a reliable response, or for so long (EM-6). */
export const PRACK_REPEATS = 3
export const PRACK_WAIT = seconds(3)

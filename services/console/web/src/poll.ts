export type Polling<Answer> = {
  readonly load: (signal: AbortSignal) => Promise<Answer>
  readonly everyMs: number
  /** A load that takes longer is aborted and counts as failed. */
  readonly timeoutMs: number
  /** The pause doubles with each failure in a row up to this. */
  readonly longestPauseMs: number
  readonly onAnswer: (answer: Answer) => void
  readonly onFailure: (reason: string, retryInMs: number) => void
}

export type Poller = {
  /** Loads at once, unless a load is under way. */
  readonly now: () => void
  /** Aborts what is under way; nothing is called any more. */
  readonly stop: () => void
}

/** Loads again and again, one at a time, starting now. */
export function poll<Answer>(polling: Polling<Answer>): Poller {
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let underWay: AbortController | undefined
  let stopped = false

  async function turn(): Promise<void> {
    clearTimeout(timer)
    const controller = new AbortController()
    underWay = controller
    const limit = setTimeout(() => controller.abort(), polling.timeoutMs)
    let pause = polling.everyMs
    try {
      const answer = await polling.load(controller.signal)
      if (stopped) return
      failures = 0
      polling.onAnswer(answer)
    } catch (error) {
      if (stopped) return
      failures += 1
      pause = Math.min(polling.everyMs * 2 ** failures, polling.longestPauseMs)
      polling.onFailure(controller.signal.aborted ? 'the server does not answer' : reasonOf(error), pause)
    } finally {
      clearTimeout(limit)
      underWay = undefined
    }
    timer = setTimeout(() => void turn(), pause)
  }

  void turn()
  return {
    now: () => {
      if (underWay === undefined && !stopped) void turn()
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      underWay?.abort()
    }
  }
}

// fetch says a refused connection as a TypeError whose text differs by browser.
const reasonOf = (error: unknown): string =>
  error instanceof TypeError || !(error instanceof Error) ? 'the server cannot be reached' : error.message

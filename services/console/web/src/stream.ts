/** What an EventSource does, as far as it is used. */
export type Source = {
  addEventListener(name: string, listener: (event: { readonly data?: unknown }) => void): void
  close(): void
}

export type Streaming = {
  readonly open: () => Source
  /** Names of the events that are wanted. */
  readonly names: readonly string[]
  readonly onEvent: (name: string, told: unknown) => void
  readonly onLost: (retryInMs: number) => void
  /** The server tells something this often; one that does not is gone. */
  readonly silentMs: number
  readonly firstPauseMs: number
  /** The pause doubles with each failure in a row up to this. */
  readonly longestPauseMs: number
}

export type Stream = {
  /** Tries at once, where the stream is lost. */
  readonly now: () => void
  readonly stop: () => void
}

/**
 * Keeps a stream of server-sent events open, starting now. An EventSource tries again by itself, but neither after an answer
 * that is an error nor when the way to the server died without a word.
 */
export function follow(streaming: Streaming): Stream {
  let source: Source | undefined
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function heard(): void {
    failures = 0
    clearTimeout(timer)
    timer = setTimeout(lost, streaming.silentMs)
  }
  function lost(): void {
    source?.close()
    source = undefined
    clearTimeout(timer)
    const pause = Math.min(streaming.firstPauseMs * 2 ** failures, streaming.longestPauseMs)
    failures += 1
    timer = setTimeout(open, pause)
    streaming.onLost(pause)
  }
  function open(): void {
    clearTimeout(timer)
    timer = setTimeout(lost, streaming.silentMs)
    const opened = streaming.open()
    source = opened
    const current = (act: () => void) => () => {
      if (source === opened) act()
    }
    opened.addEventListener('error', current(lost))
    opened.addEventListener('beat', current(heard))
    for (const name of streaming.names) {
      opened.addEventListener(name, event => {
        if (source !== opened) return
        heard()
        streaming.onEvent(name, JSON.parse(String(event.data)))
      })
    }
  }

  open()
  return {
    now: () => {
      if (source === undefined) open()
    },
    stop: () => {
      clearTimeout(timer)
      source?.close()
      source = undefined
    }
  }
}

import { useEffect, useState } from 'react'
import { ask } from './ask.ts'

export type Loaded<Answer> = {
  /** What was answered last, also while the next is under way. */
  readonly answer: Answer | undefined
  readonly trouble: string | undefined
  readonly loading: boolean
}

/**
 * What the server answers at a path; undefined asks nothing.
 *
 * @param everyMs asked again so often
 */
export function useLoaded<Answer>(path: string | undefined, everyMs?: number): Loaded<Answer> {
  const [loaded, setLoaded] = useState<Loaded<Answer> & { readonly path?: string | undefined }>({
    answer: undefined,
    trouble: undefined,
    loading: true
  })
  useEffect(() => {
    if (path === undefined) return undefined
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const load = () => {
      setLoaded(before => ({ ...before, loading: true }))
      ask<Answer>(path, { signal: controller.signal })
        .then(
          answer => setLoaded({ answer, trouble: undefined, loading: false, path }),
          (error: Error) => {
            if (controller.signal.aborted) return
            setLoaded(before => ({
              answer: before.path === path ? before.answer : undefined,
              trouble: error.message,
              loading: false,
              path
            }))
          }
        )
        .finally(() => {
          if (everyMs !== undefined && !controller.signal.aborted) timer = setTimeout(load, everyMs)
        })
    }
    load()
    return () => {
      controller.abort()
      clearTimeout(timer)
    }
  }, [path, everyMs])
  return loaded
}

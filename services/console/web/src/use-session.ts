import { useEffect, useState } from 'react'
import { ask } from './ask.ts'
import type { Session } from './api.ts'

let asked: Promise<Session> | undefined

/** Who is signed in; asked once, for it changes with the page only. */
export function useSession(): Session | undefined {
  const [session, setSession] = useState<Session>()
  useEffect(() => {
    asked ??= ask<Session>('api/session')
    asked.then(setSession, () => (asked = undefined))
  }, [])
  return session
}

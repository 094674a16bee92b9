/** What people tell the server about alerts. */

import type { Alert, Silence } from './api.ts'

export const silenceHours = [1, 8, 24, 168] as const

export const acknowledge = ({ id }: Alert, by: string): Promise<void> =>
  send('POST', `api/alerts/${encodeURIComponent(id)}/acknowledge`, { by })

/** Of all alerts of this kind at this peer. */
export const silence = ({ peer, kind }: Alert, hours: number, by: string): Promise<void> =>
  send('POST', 'api/silences', { peer, kind, by, until: new Date(Date.now() + hours * 3_600_000).toISOString() })

export const endSilence = ({ id }: Silence): Promise<void> =>
  send('DELETE', `api/silences/${encodeURIComponent(id)}`, undefined)

/** Rejects with what the server says against it. */
async function send(method: string, path: string, body: object | undefined): Promise<void> {
  const response = await fetch(path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  })
  if (response.ok) return
  const answer = (await response.json().catch(() => ({}))) as { readonly message?: string }
  throw new Error(answer.message ?? `the server answered ${response.status}`)
}

/** What people tell the server about alerts. */

import type { Alert, Silence } from './api.ts'
import { ask } from './ask.ts'

export const silenceHours = [1, 8, 24, 168] as const

export const acknowledge = ({ id }: Alert, by: string | undefined): Promise<void> =>
  send('POST', `api/alerts/${encodeURIComponent(id)}/acknowledge`, { by })

/** Of all alerts of this kind at this peer. */
export const silence = ({ peer, kind }: Alert, hours: number, by: string | undefined): Promise<void> =>
  send('POST', 'api/silences', { peer, kind, by, until: new Date(Date.now() + hours * 3_600_000).toISOString() })

export const endSilence = ({ id }: Silence): Promise<void> =>
  send('DELETE', `api/silences/${encodeURIComponent(id)}`, undefined)

async function send(method: string, path: string, body: object | undefined): Promise<void> {
  await ask(path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  })
}

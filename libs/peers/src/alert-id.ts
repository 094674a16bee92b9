import { hash } from 'node:crypto'
import type { Alert } from './alert.ts'

/** The id of an alert: the same from any replay. */
export const alertId = ({
  kind,
  peer,
  startedAt,
  ...about
}: Pick<Alert, 'kind' | 'peer' | 'startedAt' | 'method' | 'signal'>): string =>
  hash('sha1', JSON.stringify([kind, peer, about.method ?? about.signal ?? '', startedAt]), 'base64url')

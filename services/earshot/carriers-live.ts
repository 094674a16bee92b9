import { setTimeout as sleep } from 'node:timers/promises'
import { carrierTraffic, usualIncidents } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { frameOf, openSender, type Sender } from './replay.ts'

const SEED = 2026

type LiveTraffic = {
  readonly attemptsPerSecond: number
  readonly incidentsAfterSeconds: number
  readonly medianTalkSeconds?: number
}

/** Sends the traffic of the invented carriers by HEP over TCP as it happens, until the signal, by which it rejects. */
export async function playCarriers(
  to: { readonly host: string; readonly port: number },
  traffic: LiveTraffic,
  signal: AbortSignal
): Promise<void> {
  const sender = await openSender({ ...to, transport: 'tcp' })
  try {
    await send(sender, traffic, signal)
  } finally {
    await sender.end()
  }
}

async function send(
  sender: Sender,
  { incidentsAfterSeconds, ...traffic }: LiveTraffic,
  signal: AbortSignal
): Promise<void> {
  const start = epochMicros(Date.now() * 1e3)
  const incidents = usualIncidents(3 * incidentsAfterSeconds)
  for (const captured of carrierTraffic({ seed: SEED, start, incidents, ...traffic }).messages) {
    signal.throwIfAborted()
    const wait = captured.capturedAt / 1e3 - Date.now()
    if (wait > 1) await sleep(wait, undefined, { signal })
    const frame = frameOf(captured)
    if (frame) await sender.send(frame)
  }
}

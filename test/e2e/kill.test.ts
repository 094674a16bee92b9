import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { carrierTraffic, ladder } from '@earshot/traffic'
import { epochMicros, type Captured } from '@earshot/units'
import { frameOf } from '../../services/earshot/replay.ts'
import { RunningEarshot, type Live } from '../earshot.ts'
import { sameLive } from '../figures.ts'
import { series } from '../prometheus.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { analysisOf, framesInLog, packetOf, recordsKept } from './log-file.ts'
import { Pump } from './pump.ts'

const folder = temporaryFolder()
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const timeout = 120_000
/** How often the collector looks whether captured traffic has ended. */
const CAPTURE_TICK_MS = 1000

describe(`an Earshot that ends in the middle of traffic (SEED=${seed})`, () => {
  it(
    'has lost after kill -9 only what came in the last 20 ms, and counts the rest as analyze does',
    async () => {
      const dataDir = join(folder, 'killed')
      const frames = traffic({ seed, durationSeconds: 120 })
      const connections: Connection[] = []
      for (const mostMs of [300, 700, 100, 500]) {
        const running = await upOn(dataDir)
        const pump = new Pump(running.ports.tcp, frames)
        await sleep((mostMs * (seed % 100)) / 100)
        const durable = await durableOf(running)
        await running.end('SIGKILL')
        expect(await pump.over()).toBe('broken')
        connections.push({ sent: pump.sent, durable })
      }
      const running = await upOn(dataDir)
      const rest = new Pump(running.ports.tcp, frames)
      expect(await rest.over()).toBe('done')
      connections.push({ sent: rest.sent, durable: rest.sent.length })
      await settled(running, rest.sent.at(-1)!)
      const live = await standing(running)
      expect(await running.end('SIGTERM')).toBe(0)

      const logged = await framesInLog(dataDir)
      expectPrefixes(logged, connections)
      expect(figuresOf(live)).toEqual(figuresOf(analysisOf(logged)))
      const kept = await recordsKept(dataDir)
      expect(kept.logged.length).toBeGreaterThan(100)
      expect(kept.stored).toEqual(kept.logged)
    },
    timeout
  )

  it(
    'has on SIGTERM everything that it accepted, and ends although a sender goes on',
    async () => {
      const dataDir = join(folder, 'stopped')
      const running = await upOn(dataDir)
      const first = new Pump(running.ports.tcp, traffic({ seed: seed + 1 }).take(2000))
      expect(await first.over()).toBe('done')
      const endless = new Pump(running.ports.tcp, traffic({ seed: seed + 2 }))
      await sleep(100)
      const durable = (await packetsOf(running)) - first.sent.length
      const stopping = performance.now()
      expect(await running.end('SIGTERM')).toBe(0)
      expect(performance.now() - stopping).toBeLessThan(5000)
      expect(await endless.over()).toBe('broken')

      expectPrefixes(await framesInLog(dataDir), [
        { sent: first.sent, durable: first.sent.length },
        { sent: endless.sent, durable }
      ])
    },
    timeout
  )

  it(
    'shows after a restart what it showed before, open calls too',
    async () => {
      const dataDir = join(folder, 'restarted')
      const before = await upOn(dataDir)
      const pump = new Pump(before.ports.tcp, Iterator.from(ladder(openCall)).map(framed))
      expect(await pump.over()).toBe('done')
      const shown = await settled(before, pump.sent.at(-1)!)
      expect(shown.peers).toMatchObject([{ peer: '203.0.113.7', outcomes: { open: 1 } }])
      await before.end('SIGKILL')

      const after = await upOn(dataDir)
      const again = await after.liveOnce(({ peers }) => peers.length > 0, 3000)
      await after.end('SIGTERM')
      expect({ calls: again.calls, peers: again.peers }).toEqual({ calls: shown.calls, peers: shown.peers })
    },
    timeout
  )
})

const openCall = `
0     a>b  INVITE +S
12    b>a  100
480   b>a  183 tt=x +S
`

const upOn = (dataDir: string): Promise<RunningEarshot> =>
  RunningEarshot.up('--clock', 'capture', '--data-dir', dataDir)

/** Of a carrier, at ten attempts a second; endless without a duration. */
const traffic = (options: { readonly seed: number; readonly durationSeconds?: number }) =>
  Iterator.from(carrierTraffic({ ...options, start: epochMicros(1.7e15), attemptsPerSecond: 10 }).messages).map(framed)

const framed = (captured: Captured): Buffer => frameOf(captured)!

/** What was sent on one connection, and how many of these are surely in the log. */
type Connection = { readonly sent: readonly Buffer[]; readonly durable: number }

/** The log holds of each connection the frames from the first on, at least those that are surely there, and nothing else. */
function expectPrefixes(logged: readonly Buffer[], connections: readonly Connection[]): void {
  let at = 0
  for (const { sent, durable } of connections) {
    let kept = 0
    while (kept < sent.length && logged[at + kept]?.equals(sent[kept]!)) kept++
    expect(kept).toBeGreaterThanOrEqual(durable)
    at += kept
  }
  expect(logged.length).toBe(at)
}

/**
 * How many frames are in the log for sure. What one look at the metrics counts as received waits 20 ms at most, so it
 * is in the log when another look, that began later than that, has been answered: an answer takes many turns of the
 * event loop, and each turn begins with the timers that are due.
 */
async function durableOf(running: RunningEarshot): Promise<number> {
  const received = await packetsOf(running)
  await sleep(25)
  await packetsOf(running)
  return received
}

async function packetsOf(running: RunningEarshot): Promise<number> {
  const packets = series(await running.metrics()).filter(({ name }) => name === 'earshot_packets_total')
  return packets.reduce((sum, { value }) => sum + value, 0)
}

/** The figures once everything up to the newest frame is in them. */
async function settled(running: RunningEarshot, newest: Buffer): Promise<Live> {
  const until = Math.floor(packetOf(newest).capturedAt! / 1e3)
  const live = await running.liveOnce(({ now }) => now !== null && Date.parse(now) >= until)
  expect(Date.parse(live.now ?? '')).toBe(until)
  return live
}

/** The figures once they stay as they are: rejections of the last half second are told when the clocks are seen to stand. */
async function standing(running: RunningEarshot): Promise<Live> {
  for (let before = await running.live(); ;) {
    await sleep(3 * CAPTURE_TICK_MS)
    const live = await running.live()
    if (isDeepStrictEqual(figuresOf(live), figuresOf(before))) return live
    before = live
  }
}

type Figures = Pick<Live, 'messages' | 'calls' | 'peers'>

function figuresOf({ messages: { notSip: _notSip, ...messages }, calls, peers }: Figures): object {
  return { messages, calls, peers: sameLive(peers) }
}

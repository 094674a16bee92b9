import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Captured, EpochMicros } from '@earshot/units'
import { frameOf, openSender, type Sender } from '../../services/earshot/replay.ts'
import { RunningEarshot } from '../earshot.ts'
import { PrometheusServer } from '../prometheus-server.ts'
import { series } from '../prometheus.ts'

type Play = {
  /** In the order of time. */
  readonly messages: Iterable<Captured>
  readonly start: EpochMicros
  readonly seconds: number
  /** Between two scrapes, of event time. */
  readonly everySeconds: number
  /** A registry of peers. */
  readonly peers: object
  /** Bytes that are no HEP, sent with every step. */
  readonly rubbish?: readonly Buffer[]
}

/** Epoch seconds of event time. */
export type Played = { readonly prometheus: PrometheusServer; readonly from: number; readonly to: number }

/**
 * Plays traffic to a real Earshot as fast as it can be worked, and has a real Prometheus scrape its metrics as if it had
 * come at its own pace: whenever everything up to a step is counted, the page of metrics gets the step's time, and
 * the play goes on when Prometheus has taken it. So an hour of panels takes a minute, and is the same every time.
 */
export async function played(folder: string, play: Play): Promise<Played> {
  const peers = join(folder, 'peers.yaml')
  writeFileSync(peers, JSON.stringify(play.peers))
  const page = await StampedPage.open()
  const args = ['--clock', 'capture', '--data-dir', join(folder, 'earshot'), '--peers-file', peers]
  const earshot = await RunningEarshot.up(...args)
  try {
    const prometheus = await PrometheusServer.start(folder, {
      global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
      // Its own series have the time of the clock, which is ahead of the page's.
      storage: { tsdb: { out_of_order_time_window: '6h' } },
      scrape_configs: [{ job_name: 'earshot', static_configs: [{ targets: [page.address] }] }]
    })
    await send(earshot, play, page).catch(async error => {
      await prometheus.end()
      throw error
    })
    return { prometheus, from: play.start / 1e6, to: play.start / 1e6 + play.seconds }
  } finally {
    await earshot.end('SIGTERM')
    await page.close()
  }
}

async function send(earshot: RunningEarshot, play: Play, page: StampedPage): Promise<void> {
  const { messages, start, seconds, everySeconds, rubbish = [] } = play
  const [tcp, udp] = await Promise.all(
    (['tcp', 'udp'] as const).map(transport =>
      openSender({ host: '127.0.0.1', port: earshot.ports[transport], transport })
    )
  )
  const traffic = messages[Symbol.iterator]()
  let next = traffic.next()
  for (let elapsed = everySeconds; elapsed <= seconds; elapsed += everySeconds) {
    const until = start + elapsed * 1e6
    let last = 0
    for (; !next.done && next.value.capturedAt <= until; next = traffic.next()) {
      last = next.value.capturedAt
      await sendFrame(tcp!, next.value)
    }
    for (const bytes of rubbish) await udp!.send(bytes)
    await page.taken(await metricsOf(earshot, last / 1e6), until / 1e3)
  }
  await Promise.all([tcp!.end(), udp!.end()])
}

async function sendFrame(sender: Sender, message: Captured): Promise<void> {
  const frame = frameOf(message)
  if (frame) await sender.send(frame)
}

/** Once everything up to then, less the lateness, is counted. */
async function metricsOf(earshot: RunningEarshot, second: number): Promise<string> {
  for (;;) {
    const text = await earshot.metrics()
    const watermark = series(text).find(({ name }) => name === 'earshot_watermark_timestamp_seconds')
    if ((watermark?.value ?? 0) >= second - 3) return text
    await pause(20)
  }
}

/** A page of metrics in which every sample has a time. */
class StampedPage {
  readonly address: string
  readonly #server: ReturnType<typeof createServer>
  #text = ''
  #asked = 0

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (_, response) => {
      this.#asked++
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(this.#text)
      this.#server.emit('asked')
    })
  }

  static async open(): Promise<StampedPage> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new StampedPage(server)
  }

  /** Resolves when Prometheus has taken the page: it asks again only then. */
  async taken(text: string, atMs: number): Promise<void> {
    this.#text = text.replaceAll(/^([^#\n].*)$/gm, `$1 ${Math.round(atMs)}`)
    const scrapes = this.#asked + 2
    while (this.#asked < scrapes) await once(this.#server, 'asked')
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

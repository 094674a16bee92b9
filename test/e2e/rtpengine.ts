import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { on, once } from 'node:events'

const STARTS_MS = 10_000
const ANSWERS_MS = 500

/** A media relay, and what it does with the media of a call is told to whom HEP goes. */
export class Rtpengine {
  readonly #child: ChildProcess
  readonly #controlPort: number
  readonly #socket = createSocket('udp4')
  #asked = 0

  private constructor(child: ChildProcess, controlPort: number) {
    this.#child = child
    this.#controlPort = controlPort
  }

  /**
   * @param hepPort where it sends its HEP, by UDP
   * @param controlPort a free one, for UDP; it takes the forty ports behind it for media
   */
  static async start(hepPort: number, controlPort: number): Promise<Rtpengine> {
    const local = `127.0.0.1:${controlPort}`
    const child = spawn(
      'rtpengine',
      `--foreground --log-stderr --log-level=4 --table=-1 --interface=127.0.0.1 --listen-ng=${local}
       --port-min=${controlPort + 1} --port-max=${controlPort + 40}
       --homer=127.0.0.1:${hepPort} --homer-protocol=udp --homer-id=2003`.split(/\s+/),
      { stdio: 'ignore' }
    )
    const started = new Rtpengine(child, controlPort)
    const deadline = performance.now() + STARTS_MS
    while ((await started.#ask({ command: 'ping' })) === undefined) {
      if (performance.now() < deadline) continue
      await started.stop()
      throw new Error('rtpengine did not start')
    }
    return started
  }

  /** Sets up the relay of a call; returns the port where the callee is to send its media, RTCP one higher. */
  async relay(callId: string, caller: string, callee: string): Promise<number> {
    const parties = { 'call-id': callId, 'from-tag': 'caller', ICE: 'remove' }
    const offered = await this.#ask({ command: 'offer', ...parties, sdp: descriptionOf(caller) })
    await this.#ask({ command: 'answer', ...parties, 'to-tag': 'callee', sdp: descriptionOf(callee) })
    const port = /m=audio (\d+)/.exec(offered ?? '')?.[1]
    if (port === undefined) throw new Error(`rtpengine gave no port: ${offered}`)
    return Number(port)
  }

  async stop(): Promise<void> {
    this.#socket.close()
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
  }

  /** undefined where no answer came in a while. */
  async #ask(question: Readonly<Record<string, string>>): Promise<string | undefined> {
    const cookie = `${++this.#asked} `
    this.#socket.send(cookie + dictionary(question), this.#controlPort, '127.0.0.1')
    const signal = AbortSignal.timeout(ANSWERS_MS)
    try {
      for await (const [answer] of on(this.#socket, 'message', { signal }) as AsyncIterable<[Buffer]>) {
        // An answer that came too late is not that of the next question.
        if (answer.toString().startsWith(cookie)) return answer.toString()
      }
    } catch {
      if (!signal.aborted) throw new Error('rtpengine cannot be asked')
    }
    return undefined
  }
}

/** @param endpoint `127.0.0.1 20000` */
function descriptionOf(endpoint: string): string {
  const [address, port] = endpoint.split(' ')
  const lines = ['v=0', `o=- 1 1 IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0', `m=audio ${port} RTP/AVP 8`]
  return lines.map(line => `${line}\r\n`).join('')
}

/** As the control protocol of rtpengine wants it (bencoding). */
const dictionary = (entries: Readonly<Record<string, string>>): string =>
  `d${Object.entries(entries)
    .map(([key, value]) => word(key) + word(value))
    .join('')}e`

const word = (text: string): string => `${Buffer.byteLength(text)}:${text}`

import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

const STARTS_MS = 10_000

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
      if (performance.now() > deadline) throw new Error('rtpengine did not start')
    }
    return started
  }

  /** Sets up the relay of a call; returns the port where the callee is to send its media, RTCP one higher. */
  async relay(callId: string, caller: string, callee: string): Promise<number> {
    const parties = { 'call-id': callId, 'from-tag': 'caller', ICE: 'remove' }
    const offered = await this.#ask({ command: 'offer', ...parties, sdp: descriptionOf(caller) })
    await this.#ask({ command: 'answer', ...parties, 'to-tag': 'callee', sdp: descriptionOf(callee) })
    return Number(/m=audio (\d+)/.exec(offered ?? '')?.[1])
  }

  async stop(): Promise<void> {
    this.#socket.close()
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
  }

  /** undefined where no answer came in a while. */
  async #ask(question: Readonly<Record<string, string>>): Promise<string | undefined> {
    const answered = once(this.#socket, 'message') as Promise<[Buffer]>
    this.#socket.send(`${++this.#asked} ${dictionary(question)}`, this.#controlPort, '127.0.0.1')
    const [answer] = (await Promise.race([answered, sleep(500)])) ?? []
    return answer?.toString()
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

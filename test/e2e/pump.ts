import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const atOnce = 40
const everyMs = 10

/** An agent that sends frames over TCP at an even pace, far below what can be taken, until they end or the connection does. */
export class Pump {
  /** The frames handed to the network. */
  readonly sent: Buffer[] = []
  readonly #socket: Socket
  readonly #frames: Iterator<Buffer>
  readonly #sending: Promise<'done' | 'broken'>

  /** Takes no more frames than it sends. */
  constructor(port: number, frames: Iterator<Buffer>) {
    this.#frames = frames
    // How a connection broke does not matter.
    this.#socket = connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume()
    this.#sending = this.#send()
  }

  /** Resolves when the connection is closed: every frame was sent, or the other side ended it before. */
  async over(): Promise<'done' | 'broken'> {
    return this.#sending
  }

  async #send(): Promise<'done' | 'broken'> {
    const closed = new Promise(resolve => this.#socket.once('close', resolve))
    let ended = false
    while (!ended && this.#socket.writable) {
      const from = this.sent.length
      while (!ended && this.sent.length < from + atOnce) {
        const { done, value } = this.#frames.next()
        if (done) ended = true
        else this.sent.push(value)
      }
      this.#socket.write(Buffer.concat(this.sent.slice(from)))
      await sleep(everyMs)
    }
    this.#socket.end()
    await closed
    return ended ? 'done' : 'broken'
  }
}

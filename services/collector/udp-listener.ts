import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Component } from '@earshot/runtime'
import type { EpochMicros } from '@earshot/units'
import type { Access } from './access.ts'
import { listening, onEveryAddress } from './binding.ts'
import type { Intake } from './intake.ts'
import type { Packer } from './packer.ts'
import { Reading } from './reading.ts'
import type { Source } from './ticker.ts'

/** What a socket gives in one turn of the event loop when it may have more (libuv). */
const FULL_TURN = 32

/** When it stops: nothing more is on its way when nothing has come for so long. */
const GAP_MS = 50
const MOST_MS = 1000

type Parts = {
  readonly host: string
  readonly port: number
  readonly receiveBufferBytes: number
  readonly intake: Intake
  readonly packer: Packer
  readonly access: Access
  /** Why nothing more can be taken, when it cannot. */
  readonly whyFull?: () => 'overload' | 'spool-full'
}

/** HEP over UDP. A datagram that the log cannot take any more is dropped and counted. */
export class UdpListener implements Component, Source {
  readonly name = 'hep udp'
  readonly #parts: Parts
  readonly #reading = new Reading()
  #socket: Socket | undefined
  #received = 0
  #inTurn = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get port(): number {
    return this.#socket?.address().port ?? this.#parts.port
  }

  async start(): Promise<void> {
    const { port, receiveBufferBytes, intake } = this.#parts
    this.#socket = await onEveryAddress(this.#parts.host, async host => {
      const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: receiveBufferBytes })
      await listening('UDP', host, port, socket, () => socket.bind(port, host))
      return socket
    })
    this.#socket.on('error', () => intake.drop('socket-error'))
    this.#socket.on('message', (datagram, { address }) => this.#take(datagram, address))
  }

  /** What the kernel has received is read before the socket is closed. */
  async stop(): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    if (!socket) return
    const deadline = performance.now() + MOST_MS
    for (let before = -1; this.#received > before && performance.now() < deadline;) {
      before = this.#received
      await sleep(GAP_MS)
    }
    await new Promise<void>(resolve => socket.close(() => resolve()))
  }

  unreadAfter(): EpochMicros | undefined {
    return this.#reading.unreadAfter(this.#inTurn >= FULL_TURN)
  }

  #take(datagram: Buffer, address: string): void {
    const { intake, packer, access, whyFull } = this.#parts
    this.#received++
    if (this.#inTurn++ === 0) setImmediate(() => this.#endTurn())
    const source = access.source(address)
    if (!access.allows(source)) intake.refuse('not-allowed', 'udp', datagram.length)
    else if (packer.isFull) intake.refuse(whyFull?.() ?? 'overload', 'udp', datagram.length)
    else this.#reading.note(intake.take(datagram, 'udp', source))
  }

  #endTurn(): void {
    if (this.#inTurn >= FULL_TURN) this.#reading.mayHaveMore = true
    this.#inTurn = 0
  }
}

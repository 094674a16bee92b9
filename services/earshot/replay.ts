import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCapture } from '@earshot/capture'
import { encodedHepLength, encodeHep, maxFrameLength } from '@earshot/hep'
import type { Captured } from '@earshot/units'

const SIP = 1
/** What a timer can wait at most. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1
/** Packets sent before the event loop gets its turn. */
const AT_ONCE = 64

export type Target = { readonly host: string; readonly port: number; readonly transport: 'udp' | 'tcp' }

/** Where HEP goes. */
export interface Sender {
  send(frame: Buffer): Promise<void>
  /** Resolves when everything was handed to the network. */
  end(): Promise<void>
}

/**
 * Sends the SIP of a capture as live HEPv3, at the pace of the capture times `speed`; speed 0 does not wait.
 * The frames keep their capture times. Resolves to the number of packets sent.
 */
export async function replay(file: string, sender: Sender, speed: number, signal?: AbortSignal): Promise<number> {
  let first: number | undefined
  const begun = performance.now()
  let sent = 0
  for await (const batch of readCapture(file, signal ? { signal } : {})) {
    for (const captured of batch) {
      first ??= captured.capturedAt
      if (speed > 0) await until(begun + (captured.capturedAt - first) / 1e3 / speed, signal)
      const frame = frameOf(captured)
      if (!frame) continue
      await sender.send(frame)
      if (++sent % AT_ONCE === 0) await sleep(0)
    }
  }
  return sent
}

async function until(due: number, signal?: AbortSignal): Promise<void> {
  for (let wait = due - performance.now(); wait > 1; wait = due - performance.now())
    await sleep(Math.min(wait, LONGEST_SLEEP_MS), undefined, signal ? { signal } : {})
}

/** Undefined for a payload that no frame can hold. */
export function frameOf({ capturedAt, agent, transport, source, destination, payload }: Captured): Buffer | undefined {
  // A packet that was HEP in the capture keeps its agent; the rest has one of its own.
  const number = Number(agent)
  const named = Number.isInteger(number) && number >= 0 && number <= 0xffffffff
  const agentFields = named && agent !== '' ? { captureId: number } : { captureId: 0, node: agent }
  const fields = { capturedAt, ...agentFields, protocol: SIP, transport, source, destination, payload }
  return encodedHepLength(fields) <= maxFrameLength ? encodeHep(fields) : undefined
}

/** Rejects where nothing listens; over UDP that shows at the second frame at the earliest, and only on this machine. */
export async function openSender({ host, port, transport }: Target): Promise<Sender> {
  return transport === 'udp' ? udpSender(host, port) : tcpSender(host, port)
}

/** Where a name has several addresses, the error is of all of them and has no message. */
const refused = (where: string, { message, code }: NodeJS.ErrnoException): Error =>
  new Error(`nothing takes HEP at ${where} (${message || code}); is \`earshot up\` running?`)

async function udpSender(host: string, port: number): Promise<Sender> {
  const where = `udp ${host}:${port}`
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  const failed = await new Promise<Error | void>(resolve => socket.connect(port, host, resolve))
  let broken: Error | undefined
  const breakWith = (error: Error): void => {
    if (!broken) socket.close()
    broken ??= refused(where, error)
  }
  if (failed) breakWith(failed)
  if (broken) throw broken
  // What the network answers to one datagram comes here, or with the next one that is sent.
  socket.on('error', breakWith)
  return {
    async send(frame) {
      if (broken) throw broken
      await new Promise<void>(resolve => {
        socket.send(frame, error => {
          if (error) breakWith(error)
          resolve()
        })
      })
      if (broken) throw broken
    },
    async end() {
      if (broken) throw broken
      await new Promise<void>(resolve => socket.close(() => resolve()))
    }
  }
}

async function tcpSender(host: string, port: number): Promise<Sender> {
  const where = `tcp ${host}:${port}`
  const socket = connect(port, host)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', error => reject(refused(where, error)))
  })
  let broken: Error | undefined
  let waiting: PromiseWithResolvers<void> | undefined
  const goOn = (): void => {
    waiting?.resolve()
    waiting = undefined
  }
  const breakWith = (why: string): void => {
    broken ??= new Error(`the connection to ${where} broke: ${why}`)
    goOn()
  }
  socket.on('error', ({ message }) => breakWith(message))
  socket.on('close', () => breakWith('the other side closed it'))
  socket.on('drain', goOn)
  // What the other side says is of no interest, but its end is only seen by who reads.
  socket.resume()
  return {
    async send(frame) {
      if (broken) throw broken
      if (socket.write(frame)) return
      waiting ??= Promise.withResolvers()
      await waiting.promise
      if (broken) throw broken
    },
    async end() {
      if (broken) throw broken
      await new Promise<void>(resolve => socket.end(() => resolve()))
      if (broken) throw broken
    }
  }
}

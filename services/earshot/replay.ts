import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCapture } from '@earshot/capture'
import { encodedHepLength, encodeHep, maxFrameLength } from '@earshot/hep'
import type { Captured } from '@earshot/units'

const SIP = 1
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
 * Sends the SIP of a capture as live HEPv3, at the pace of the capture times `speed`; infinite speed does not wait.
 * The frames keep their capture times. Resolves to the number of packets sent.
 */
export async function replay(file: string, sender: Sender, speed: number, signal?: AbortSignal): Promise<number> {
  let first: number | undefined
  const begun = performance.now()
  let sent = 0
  for await (const batch of readCapture(file, signal ? { signal } : {})) {
    for (const captured of batch) {
      first ??= captured.capturedAt
      const due = begun + (captured.capturedAt - first) / 1e3 / speed
      const wait = due - performance.now()
      if (wait > 1) await sleep(wait, undefined, signal ? { signal } : {})
      const frame = frameOf(captured)
      if (!frame) continue
      await sender.send(frame)
      if (++sent % AT_ONCE === 0) await sleep(0)
    }
  }
  return sent
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

export async function openSender({ host, port, transport }: Target): Promise<Sender> {
  return transport === 'udp' ? udpSender(host, port) : tcpSender(host, port)
}

async function udpSender(host: string, port: number): Promise<Sender> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.connect(port, host, () => resolve())
  })
  return {
    send: frame =>
      new Promise((resolve, reject) => {
        socket.send(frame, error => (error ? reject(error) : resolve()))
      }),
    end: () => new Promise(resolve => socket.close(() => resolve()))
  }
}

async function tcpSender(host: string, port: number): Promise<Sender> {
  const socket = connect(port, host)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', (cause: Error) => {
      reject(
        new Error(`nothing takes HEP at tcp ${host}:${port} (${cause.message}); is \`earshot up\` running?`, { cause })
      )
    })
  })
  let broken: Error | undefined
  socket.on('error', error => (broken = error))
  return {
    async send(frame) {
      if (broken) throw broken
      if (!socket.write(frame))
        await new Promise<void>(resolve => socket.once('drain', resolve).once('close', () => resolve()))
    },
    end: () => new Promise(resolve => socket.end(() => resolve()))
  }
}

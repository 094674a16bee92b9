/**
 * Sends HEP to a collector on 127.0.0.1, in a process of its own so that its work is not measured as the collector's:
 *
 *   fork('sender.ts', [transport, port, packets, perSecond, start])
 *
 * First makes all the frames, no two alike; says `ready`, waits for a word, sends them, says `Sent` and ends.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { simpleCalls } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { frameOf } from '../../services/earshot/replay.ts'

export type Sent = { readonly packets: number; readonly bytes: number; readonly seconds: number }

const MESSAGES_PER_CALL = 7
const CALLS_PER_SECOND = 5000
const WRITE_BYTES = 64 << 10
const QUEUED_DATAGRAMS = 64

type Frames = { readonly bytes: Buffer; readonly ends: Uint32Array }

if (process.send) {
  const [transport, port, packets, perSecond, start] = process.argv.slice(2)
  const frames = make(Number(packets), Number(start))
  process.send('ready')
  await once(process, 'message')
  const begun = performance.now()
  if (transport === 'tcp') await sendTcp(frames, Number(port))
  else await sendUdp(frames, Number(port), Number(perSecond))
  const seconds = (performance.now() - begun) / 1e3
  process.send({ packets: frames.ends.length, bytes: frames.bytes.length, seconds } satisfies Sent)
  process.disconnect()
}

/** All frames, one behind the other. */
function make(packets: number, start: number): Frames {
  const options = { count: Math.ceil(packets / MESSAGES_PER_CALL), callsPerSecond: CALLS_PER_SECOND }
  const frames: Buffer[] = []
  const ends = new Uint32Array(packets)
  let end = 0
  for (const captured of simpleCalls({ ...options, start: epochMicros(start) })) {
    if (frames.length === packets) break
    const frame = frameOf(captured)!
    ends[frames.length] = end += frame.length
    frames.push(frame)
  }
  return { bytes: Buffer.concat(frames), ends }
}

async function sendTcp({ bytes }: Frames, port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  for (let at = 0; at < bytes.length; at += WRITE_BYTES) {
    if (!socket.write(bytes.subarray(at, at + WRITE_BYTES))) await once(socket, 'drain')
  }
  socket.end()
  await once(socket, 'finish')
}

async function sendUdp({ bytes, ends }: Frames, port: number, perSecond: number): Promise<void> {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const begun = performance.now()
  for (let sent = 0, at = 0; sent < ends.length;) {
    const due = Math.min(ends.length, ((performance.now() - begun) / 1e3) * perSecond)
    for (; sent < due && socket.getSendQueueCount() < QUEUED_DATAGRAMS; at = ends[sent++]!) {
      socket.send(bytes.subarray(at, ends[sent]))
    }
    await (Number.isFinite(perSecond) ? sleep(1) : setImmediate())
  }
  while (socket.getSendQueueCount() > 0) await setImmediate()
  socket.close()
}

import { join } from 'node:path'
import { LocalLog } from '@earshot/bus'
import { byAddress, defaultLimits } from '@earshot/calls'
import { decodeHep, HepFramer, type HepPacket } from '@earshot/hep'
import { Analysis, type Summary } from '../../services/earshot/analysis.ts'
import { topics } from '../../services/pipeline.ts'

/** The HEP frames in the log of an Earshot that is stopped, in their order. */
export async function framesInLog(dataDir: string): Promise<Buffer[]> {
  const log = new LocalLog({ path: join(dataDir, 'log.sqlite'), topics: { [topics.packets]: 1 } })
  await log.start()
  const frames: Buffer[] = []
  for await (const { headers, value } of log.read(topics.packets, 0, 0)) {
    if (headers.kind === 'packets') frames.push(...new HepFramer().push(value))
  }
  await log.stop()
  return frames
}

/** What analyze says of these frames. */
export function analysisOf(frames: readonly Buffer[]): Summary {
  const analysis = new Analysis({ parties: byAddress, limits: defaultLimits })
  for (const frame of frames) {
    const { agent, capturedAt, transport, source, destination, payload } = packetOf(frame)
    analysis.add({ agent, capturedAt: capturedAt!, transport, source, destination, payload })
  }
  return analysis.finish()
}

export function packetOf(frame: Buffer): HepPacket {
  const packet = decodeHep(frame)
  if (packet.kind === 'error') throw new Error(`not a HEP frame: ${packet.code}`)
  return packet
}

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LocalLog } from '@earshot/bus'
import { byAddress, defaultLimits } from '@earshot/calls'
import { decodeHep, HepFramer, type HepPacket } from '@earshot/hep'
import { Analysis, type Summary } from '../../services/earshot/analysis.ts'
import { readCalls, topics } from '../../services/pipeline.ts'

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

/** Ids of what a stopped Earshot has told of attempts, ends and rejections: in its log, and in its store. */
export async function recordsKept(dataDir: string): Promise<{ readonly logged: string[]; readonly stored: string[] }> {
  const log = new LocalLog({ path: join(dataDir, 'log.sqlite'), topics: { [topics.calls]: 1 } })
  await log.start()
  const logged = new Set<string>()
  for await (const record of log.read(topics.calls, 0, 0)) {
    const output = readCalls(record)
    if ('id' in output) logged.add(`${output.kind} ${output.id}`)
  }
  await log.stop()
  const database = new DatabaseSync(join(dataDir, 'store.sqlite'), { readOnly: true })
  const stored = ['attempts', 'call_ends', 'rejections'].flatMap(table =>
    database.prepare(`SELECT record ->> '$.kind' AS kind, id FROM ${table}`).all()
  )
  database.close()
  return { logged: [...logged].sort(), stored: stored.map(({ kind, id }) => `${String(kind)} ${String(id)}`).sort() }
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

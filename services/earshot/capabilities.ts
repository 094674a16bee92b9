import Table from 'cli-table3'
import type { Limits, Parties } from '@earshot/calls'
import { statesOf, type Capability, type MaintenanceWindow } from '@earshot/peers'
import { Analysis } from './analysis.ts'
import { Damaged } from './analyze.ts'
import { Merge } from './merge.ts'
import { printable } from '../printable.ts'
import { alertsText } from './report.ts'

export type CapabilitiesOptions = {
  readonly parties: Parties
  readonly limits: Limits
  readonly maintenanceOf: (peer: string) => readonly MaintenanceWindow[]
  readonly json: boolean
  /** Writes to standard output; resolves when more may be written. */
  readonly write: (text: string) => Promise<void>
}

type Peer = { readonly peer: string; readonly methods: readonly Capability[] }

/**
 * Prints which method each peer in the captures takes, says that it takes, or rejects.
 *
 * @throws CaptureError for a file that is no capture; Damaged for files not whole, when what was readable is printed
 */
export async function capabilities(files: readonly string[], options: CapabilitiesOptions): Promise<void> {
  const { json, write } = options
  const analysis = new Analysis(options)
  const captures = new Merge(files)
  for await (const batch of captures) for (const captured of batch) analysis.add(captured)
  const { alerts } = analysis.finish()
  const peers = [...analysis.capabilities()]
  if (json) await write(`${JSON.stringify({ peers, alerts }, null, 2)}\n`)
  else await write(`${matrixText(peers)}${alertsText(alerts)}`)
  if (captures.damages.length > 0) throw new Damaged(captures.damages)
}

function matrixText(peers: readonly Peer[]): string {
  if (peers.length === 0) return 'no peer showed which methods it takes\n'
  const methods = [...new Set(peers.flatMap(({ methods: own }) => Object.keys(statesOf(own))))].sort()
  const table = new Table({
    head: ['peer', ...methods.map(printable)],
    style: { head: [], border: [], compact: true }
  })
  for (const { peer, methods: own } of peers) {
    const byMethod = new Map(own.map(each => [each.method, each]))
    table.push([printable(peer), ...methods.map(method => cellText(byMethod.get(method)))])
  }
  return `${table.toString()}\n`
}

/** Its state, and where it was rejected by which codes and how often. */
function cellText(capability: Capability | undefined): string {
  if (!capability || capability.state === 'unknown') return ''
  const rejected = Object.entries(capability.rejected).map(([code, count]) => `${code}: ${count}`)
  return [capability.state, ...rejected].join(' ')
}

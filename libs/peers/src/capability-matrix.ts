import { isRejection, type MethodEvidence } from '@earshot/calls'
import { KeyedStates } from './keyed-states.ts'
import { isLabel, OTHER } from './methods.ts'
import type { DetectorChange } from './detector.ts'

/** Methods by names of their own at one peer, beside the labels; more are OTHER. */
const MOST_OWN_METHODS = 8
const LONGEST_METHOD = 32
/** Sample Call-IDs of rejections in a cell. */
const MOST_SAMPLES = 3

/** What evidence says of one method at one peer (MC-8). Times are epoch seconds. */
export type Cell = {
  readonly peer: string
  readonly method: string
  /** Transactions by code of their answer; a list, for an object with such names takes kilobytes. */
  readonly codes: [code: number, transactions: number][]
  lastOk?: number
  okCallId?: string
  lastRejected?: number
  rejectedCallIds: string[]
  /** The same per Server or User-Agent. */
  readonly agents: { readonly agent: string; ok: number; rejected: number; last: number }[]
}

/** What each peer answered to each method. The number of peers and agents is bounded by whoever names them. */
export class CapabilityMatrix {
  readonly #cells = new KeyedStates<Cell>('cell', 1)
  readonly #methods = new Map<string, Map<string, Cell>>()

  get keys(): readonly string[] {
    return [this.#cells.word]
  }

  peers(): Iterable<string> {
    return this.#methods.keys()
  }

  cells(peer: string): Iterable<Cell> {
    return this.#methods.get(peer)?.values() ?? []
  }

  cell(peer: string, method: string): Cell | undefined {
    return this.#methods.get(peer)?.get(method)
  }

  /** The name that this method has at this peer: its own, or OTHER where a peer has too many. */
  nameOf(peer: string, method: string): string {
    if (isLabel(method)) return method
    const known = this.#methods.get(peer)
    if (known?.has(method)) return method
    const own = Array.from(known?.keys() ?? []).filter(each => !isLabel(each) && each !== OTHER)
    return own.length < MOST_OWN_METHODS && method.length <= LONGEST_METHOD ? method : OTHER
  }

  /** @param row whose method is named by `nameOf` */
  add({ peer, method, agent, code, count, second, callId }: MethodEvidence): void {
    const cell = this.cell(peer, method) ?? { peer, method, codes: [], rejectedCallIds: [], agents: [] }
    const known = cell.codes.find(each => each[0] === code)
    if (known) known[1] += count
    else cell.codes.push([code, count])
    const own = ownOf(cell, agent)
    own.last = second
    if (isRejection(code)) {
      own.rejected += count
      cell.lastRejected = second
      cell.rejectedCallIds = [...cell.rejectedCallIds.filter(each => each !== callId), callId].slice(-MOST_SAMPLES)
    } else {
      own.ok += count
      cell.lastOk = second
      cell.okCallId = callId
    }
    this.#cells.set(cell, peer, method)
    this.#index(cell)
  }

  changes(): DetectorChange[] {
    return this.#cells.changes()
  }

  restore(key: string, value: Buffer | undefined): void {
    const cell = this.#cells.restore(key, value)
    if (cell) this.#index(cell)
  }

  #index(cell: Cell): void {
    const methods = this.#methods.get(cell.peer) ?? new Map<string, Cell>()
    methods.set(cell.method, cell)
    this.#methods.set(cell.peer, methods)
  }
}

function ownOf({ agents }: Cell, agent: string): Cell['agents'][number] {
  const known = agents.find(each => each.agent === agent)
  if (known) return known
  const own = { agent, ok: 0, rejected: 0, last: 0 }
  agents.push(own)
  return own
}

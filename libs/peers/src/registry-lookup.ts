import { createHash } from 'node:crypto'
import type { EpochMicros, Transport } from '@earshot/units'
import { addressBytes, type Member, memberText, networkOf } from './registry-address.ts'

/** A peer as the registry describes it (PA-1). */
export type PeerEntry = {
  readonly name: string
  readonly group?: string
  /** Our own SBC or proxy: never a peer itself, it decides the direction (PA-2). */
  readonly ours: boolean
  /** Contracted concurrent calls. */
  readonly calls?: number
  /** Contracted call attempts per second. */
  readonly cps?: number
  readonly maintenance: readonly MaintenanceWindow[]
}

/** From the first moment to the last, the end excluded. */
export type MaintenanceWindow = { readonly from: EpochMicros; readonly to: EpochMicros }

export type Registered = { readonly entry: PeerEntry; readonly members: readonly Member[] }

type Candidate = Pick<Member, 'port' | 'transport'> & { readonly entry: PeerEntry }

/** Addresses whose candidates are remembered; traffic from more (a scan with forged sources) begins anew. */
const rememberedAddresses = 65_536

const none: readonly Candidate[] = []

/**
 * Who is behind an address: the member with the longest prefix wins, then one with a port, then one with a transport
 * (PA-1). Immutable; a reload makes another one. No two members may be equal: registry files are checked for it.
 */
export class Registry {
  readonly entries: readonly PeerEntry[]
  /** Changes if and only if what the registry says changes; comments and layout do not count. */
  readonly version: string
  /** For each prefix length in use, longest first, the networks of it. */
  readonly #v4: readonly PrefixLevel[]
  readonly #v6: readonly PrefixLevel[]
  readonly #remembered = new Map<string, readonly Candidate[]>()
  readonly #named: ReadonlyMap<string, PeerEntry>

  constructor(registered: readonly Registered[]) {
    this.entries = registered.map(({ entry }) => entry)
    this.version = versionOf(registered)
    this.#named = new Map(this.entries.map(entry => [entry.name, entry]))
    this.#v4 = levels(registered, 4)
    this.#v6 = levels(registered, 16)
  }

  /**
   * The peer at an endpoint, undefined if no member covers it. Total: text that is no address is nobody's. Usually one
   * look-up in a map by address: call it per transaction.
   */
  resolve(address: string, port: number, transport: Transport): PeerEntry | undefined {
    const candidates = this.#remembered.get(address) ?? this.#remember(address)
    for (const candidate of candidates) {
      const { port: onPort, transport: over } = candidate
      if ((onPort ?? port) === port && (over ?? transport) === transport) return candidate.entry
    }
    return undefined
  }

  /** The entry of that name; undefined for a peer that only its address names. */
  named(name: string): PeerEntry | undefined {
    return this.#named.get(name)
  }

  #remember(address: string): readonly Candidate[] {
    const bytes = addressBytes(address)
    const candidates = bytes === undefined ? none : covering(bytes.length === 4 ? this.#v4 : this.#v6, bytes)
    if (this.#remembered.size >= rememberedAddresses) this.#remembered.clear()
    this.#remembered.set(address, candidates)
    return candidates
  }
}

/** Without a registry every address is a peer by itself (PA-2). */
export const emptyRegistry: Registry = new Registry([])

type PrefixLevel = { readonly prefix: number; readonly networks: ReadonlyMap<string, readonly Candidate[]> }

const keyOf = (bytes: readonly number[]): string => bytes.join('.')

function covering(levelsOfFamily: readonly PrefixLevel[], bytes: readonly number[]): readonly Candidate[] {
  const found = levelsOfFamily.flatMap(({ prefix, networks }) => networks.get(keyOf(networkOf(bytes, prefix))) ?? none)
  return found.length > 0 ? found : none
}

function levels(registered: readonly Registered[], family: 4 | 16): PrefixLevel[] {
  const byPrefix = new Map<number, Map<string, Candidate[]>>()
  for (const { entry, members } of registered) {
    for (const { block, port, transport } of members) {
      if (block.bytes.length !== family) continue
      const networks = byPrefix.get(block.prefix) ?? new Map<string, Candidate[]>()
      const key = keyOf(block.bytes)
      networks.set(key, [...(networks.get(key) ?? []), { entry, port, transport }].toSorted(bySpecificity))
      byPrefix.set(block.prefix, networks)
    }
  }
  return [...byPrefix].map(([prefix, networks]) => ({ prefix, networks })).toSorted((a, b) => b.prefix - a.prefix)
}

const bySpecificity = (a: Candidate, b: Candidate): number => specificity(b) - specificity(a)
const specificity = ({ port, transport }: Candidate): number =>
  (port === undefined ? 0 : 2) + (transport === undefined ? 0 : 1)

function versionOf(registered: readonly Registered[]): string {
  const content = registered.map(({ entry, members }) => [
    entry.name,
    entry.group ?? null,
    entry.ours,
    entry.calls ?? null,
    entry.cps ?? null,
    entry.maintenance.map(({ from, to }) => [from, to]),
    members.map(memberText)
  ])
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12)
}

import { timingSafeEqual } from 'node:crypto'
import type { BlockList } from 'node:net'
import type { HepPacket } from '@earshot/hep'
import { between, inSeconds, type EpochMicros } from '@earshot/units'
import { covers } from '../networks.ts'

/** What the agents' file says, read and checked. */
export type Rules = {
  /** Who may send at all; undefined: everybody. */
  readonly allow: BlockList | undefined
  /** The first that a packet meets is its agent's. */
  readonly agents: readonly AgentRule[]
  /** Whether packets are taken that no rule is for. */
  readonly takesUnlisted: boolean
  /** For each address without a rule. */
  readonly maxPacketsPerSecond: number | undefined
}

export type AgentRule = {
  readonly name: string
  /** Undefined: any. */
  readonly captureIds: ReadonlySet<number> | undefined
  readonly sources: BlockList | undefined
  /** Any of these is right; none: no key is asked for. */
  readonly keys: readonly Key[]
  readonly maxPacketsPerSecond: number | undefined
}

export const everybody: Rules = { allow: undefined, agents: [], takesUnlisted: true, maxPacketsPerSecond: undefined }

export type Refusal = 'unauthorized' | 'not-allowed' | 'rate-limited'

/** What the rules say of a packet. */
export type Verdict = {
  readonly refused: Refusal | undefined
  /** The agent's name in the file. */
  readonly listedAs: string | undefined
  readonly authenticated: boolean
}

const taken: Verdict = { refused: undefined, listedAs: undefined, authenticated: false }
const unauthorized: Verdict = { ...taken, refused: 'unauthorized' }
const notAllowed: Verdict = { ...taken, refused: 'not-allowed' }
const rateLimited: Verdict = { ...taken, refused: 'rate-limited' }

/** Addresses remembered; traffic from more (a scan with forged sources) begins anew. */
const MOST_SOURCES = 65_536
/** Capture ids remembered of one address. */
const MOST_CAPTURE_IDS = 1024

/** An address that sends, and what the rules in force say of it: worked out once, for the rules are asked for each packet. */
export class Source {
  readonly address: string
  /** The agent heard last from there. */
  agent: string | undefined
  /** Those that the rest is of. */
  rules: Rules | undefined
  allowed = true
  rate: TokenBucket | undefined
  readonly gates = new Map<number, Gate>()

  constructor(address: string) {
    this.address = address
  }
}

/** Who may send, with which key, and how much. Without a file that says otherwise everybody may. */
export class Access {
  #rules = everybody
  #gates: readonly AgentGate[] = []
  readonly #sources = new Map<string, Source>()

  /** Puts other rules in force; every limit begins anew. */
  use(rules: Rules): void {
    this.#rules = rules
    this.#gates = rules.agents.map(rule => new AgentGate(rule))
  }

  /** @param address as a socket tells it; an IPv4 address mapped to IPv6 is the IPv4 one */
  source(address: string): Source {
    const known = this.#sources.get(address)
    if (known) return known
    if (this.#sources.size >= MOST_SOURCES) this.#sources.clear()
    const source = new Source(address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address)
    this.#sources.set(address, source)
    return source
  }

  /** Whether the address may send at all: to be asked before anything of it is read. */
  allows(source: Source): boolean {
    if (source.rules !== this.#rules) this.#apply(source)
    return source.allowed
  }

  /** The key is compared in constant time, and only a packet with the right one counts against the limit of its agent. */
  verdict(source: Source, packet: HepPacket, now: EpochMicros): Verdict {
    if (this.#rules === everybody) return taken
    if (source.rules !== this.#rules) this.#apply(source)
    const gate = this.#gate(source, packet.captureId)
    return gate === undefined ? this.#unlisted(source, now) : gate.verdict(packet.authKey, now)
  }

  #apply(source: Source): void {
    const { allow, maxPacketsPerSecond } = this.#rules
    source.rules = this.#rules
    source.allowed = allow === undefined || covers(allow, source.address)
    source.rate = maxPacketsPerSecond === undefined ? undefined : new TokenBucket(maxPacketsPerSecond)
    source.gates.clear()
  }

  #gate(source: Source, captureId: number): Gate | undefined {
    const known = source.gates.get(captureId)
    if (known) return known
    // A rule that names the capture id is before one for every id of those sources, wherever it stands in the file.
    const named = this.#gates.filter(({ rule }) => rule.captureIds?.has(captureId))
    const ofId = [...named, ...this.#gates.filter(({ rule }) => rule.captureIds === undefined)]
    const found = ofId.find(({ rule }) => rule.sources === undefined || covers(rule.sources, source.address))
    const gate = found ?? (named.length > 0 ? misplaced : undefined)
    if (gate === undefined) return undefined
    if (source.gates.size >= MOST_CAPTURE_IDS) source.gates.clear()
    source.gates.set(captureId, gate)
    return gate
  }

  #unlisted({ rate }: Source, now: EpochMicros): Verdict {
    if (!this.#rules.takesUnlisted) return unauthorized
    return rate === undefined || rate.take(now) ? taken : rateLimited
  }
}

/** Who decides about the packets of a capture id from an address. */
interface Gate {
  verdict(key: Buffer | undefined, now: EpochMicros): Verdict
}

/** An agent's rule at work. */
class AgentGate implements Gate {
  readonly rule: AgentRule
  readonly #rate: TokenBucket | undefined
  readonly #taken: Verdict
  readonly #unauthorized: Verdict
  readonly #rateLimited: Verdict

  constructor(rule: AgentRule) {
    const { name: listedAs, keys, maxPacketsPerSecond } = rule
    this.rule = rule
    this.#rate = maxPacketsPerSecond === undefined ? undefined : new TokenBucket(maxPacketsPerSecond)
    this.#taken = { refused: undefined, listedAs, authenticated: keys.length > 0 }
    this.#unauthorized = { ...unauthorized, listedAs }
    this.#rateLimited = { ...this.#taken, refused: 'rate-limited' }
  }

  verdict(key: Buffer | undefined, now: EpochMicros): Verdict {
    const { keys } = this.rule
    if (keys.length > 0 && !isOneOf(keys, key)) return this.#unauthorized
    return this.#rate === undefined || this.#rate.take(now) ? this.#taken : this.#rateLimited
  }
}

/** For a capture id that has an agent of its own, from a place where that agent is not. */
const misplaced: Gate = { verdict: () => notAllowed }

/** What may be sent in a second, and saved up for one. */
export class TokenBucket {
  readonly #perSecond: number
  #tokens: number
  #at: EpochMicros | undefined

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#tokens = Math.max(1, perSecond)
  }

  take(now: EpochMicros): boolean {
    const passed = this.#at === undefined ? 0 : Math.max(0, inSeconds(between(this.#at, now)))
    this.#at = now
    this.#tokens = Math.min(Math.max(1, this.#perSecond), this.#tokens + passed * this.#perSecond)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}

/** Longer keys are refused, in the file as from the network. */
export const LONGEST_KEY = 128

/** A key of one length for all, so that comparing tells nothing of it: its bytes, zeros, and how many bytes it has. */
export type Key = Buffer

export const keyOf = (bytes: Uint8Array): Key => padded(bytes, Buffer.alloc(LONGEST_KEY + 1))

function padded(bytes: Uint8Array, key: Buffer): Key {
  key.fill(0)
  key.set(bytes)
  key[LONGEST_KEY] = bytes.length
  return key
}

/** The key of the packet at hand: made once, for there is one in each packet. */
const presented = Buffer.alloc(LONGEST_KEY + 1)

function isOneOf(keys: readonly Key[], given: Buffer | undefined): boolean {
  if (given === undefined || given.length > LONGEST_KEY) return false
  padded(given, presented)
  let found = false
  // All are compared, so that the time does not tell which one it was.
  for (const key of keys) found = timingSafeEqual(key, presented) || found
  return found
}

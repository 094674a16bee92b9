import { LadderError, type LadderLine, type Participant } from './ladder-lines.ts'
import { viaValue } from './sip-text.ts'

/** A transaction of a ladder: what its request, its copies and its responses must agree in. */
export type Transaction = {
  readonly method: string
  readonly cseq: number
  readonly branch: string
  /** All Via values, the requester's own first. */
  readonly via: readonly string[]
  readonly requester: Participant
  readonly responder: Participant
  /** The callee's side sent it: From and To change places. */
  readonly reversed: boolean
  readonly inDialog: boolean
  readonly callerTag: string
  /** In the request: '' out of a dialog. */
  readonly calleeTag: string
  /** The tag of a response that names none and has none before it. */
  readonly ownTag: string
  /** The request that was received and went on as this one. */
  readonly parent: Transaction | undefined
  /** Of the newest response; a proxy's comes from behind it. */
  lastTag: string | undefined
  status: number
}

export const callIdOf = (name: string): string => `call-${name}@ladder.example`

/** What one Call-ID of a ladder has seen so far; it fills in what a line leaves out. */
export class LadderCall {
  readonly callId: string
  readonly #name: string
  readonly #transactions: Transaction[] = []
  /** How many hops from the caller; it tells which way a request of a dialog goes. */
  readonly #hops = new Map<string, number>()
  readonly #cseq = { caller: 0, callee: 0 }
  #parties: { readonly caller: Participant; readonly callee: Participant } | undefined
  #calleeTag: string | undefined
  readonly #reliable = new Map<string, string>()

  constructor(name: string) {
    this.#name = name
    this.callId = callIdOf(name)
  }

  request(line: LadderLine): Transaction {
    this.#place(line.from, line.to)
    if (line.method === 'CANCEL') return this.#ofInvite(line, true)
    if (line.method === 'ACK') {
      const invite = this.#newest(line.from, line.to, 'INVITE', line)
      // The ACK to a 2xx is a transaction of its own (RFC 3261 §13.2.2.4), any other belongs to its INVITE (§17.1.1.3).
      if (invite === undefined || invite.status >= 300) return this.#ofInvite(line, false)
      return this.#start(line, { inDialog: true, cseq: invite.cseq })
    }
    const inDialog = this.#isInDialog(line)
    const copied = this.#transactions.find(
      known => known.branch === this.#branch(line.branch) && known.method === line.method && known.inDialog === inDialog
    )
    return copied ?? this.#start(line, { inDialog, cseq: line.cseq })
  }

  response(line: LadderLine): Transaction {
    this.#place(line.to, line.from)
    const asked = this.#newest(line.to, line.from, line.method, line)
    const transaction = asked ?? this.#start({ ...line, from: line.to, to: line.from }, { inDialog: false })
    transaction.status = Math.max(line.status, transaction.status)
    return transaction
  }

  /** The callee's tag in a response, and remembers it for what follows in the call. */
  answeringTag(line: LadderLine, transaction: Transaction): string {
    if (transaction.inDialog) return line.toTag ?? transaction.calleeTag
    const fallback = line.status === 100 ? '' : (transaction.lastTag ?? transaction.ownTag)
    const tag = line.toTag ?? fallback
    if (line.status === 100) return tag
    for (let hop: Transaction | undefined = transaction; hop; hop = hop.parent) hop.lastTag = tag
    if (transaction.method !== 'INVITE') return tag
    this.#calleeTag = tag
    if (line.rseq !== undefined) this.#reliable.set(tag, `${line.rseq} ${transaction.cseq} INVITE`)
    return tag
  }

  /** Who began, and whom he asked: From and To are theirs all along the path, whoever forwards. */
  get parties(): { readonly caller: Participant; readonly callee: Participant } {
    return this.#parties!
  }

  /** The value of RAck: of `rack=`, or of the newest reliable provisional response with this callee's tag. */
  rack(line: LadderLine, tag: string): string {
    const invite = this.#transactions.findLast(known => known.method === 'INVITE' && !known.inDialog)
    if (line.rack !== undefined) return `${line.rack} ${invite?.cseq ?? 1} INVITE`
    const found = this.#reliable.get(tag)
    if (found === undefined)
      throw new LadderError(line.line, `no response with rseq= and tag '${tag}' to PRACK; write rack=`)
    return found
  }

  #start(line: LadderLine, known: { inDialog: boolean; cseq?: number | undefined }): Transaction {
    const parent = this.#received(line, known.inDialog)
    const reversed = parent?.reversed ?? (known.inDialog && this.#hop(line.from) > this.#hop(line.to))
    const number = this.#transactions.length + 1
    const branch = this.#branch(line.branch ?? `t${number}`)!
    const transport = line.to.transport === 'udp' ? line.from.transport : line.to.transport
    const transaction: Transaction = {
      method: line.method,
      cseq: known.cseq ?? this.#nextCseq(line, parent, reversed),
      branch,
      via: [viaValue(transport, line.from.endpoint, branch), ...(parent?.via ?? [])],
      requester: line.from,
      responder: line.to,
      reversed,
      inDialog: known.inDialog,
      callerTag: line.fromTag ?? parent?.callerTag ?? `from-${this.#name}`,
      calleeTag: known.inDialog ? (line.toTag ?? parent?.calleeTag ?? this.#calleeTag ?? `to-${line.to.name}`) : '',
      ownTag: `to-${line.to.name}${number}`,
      parent,
      lastTag: undefined,
      status: 0
    }
    const side = reversed ? 'callee' : 'caller'
    this.#cseq[side] = Math.max(this.#cseq[side], transaction.cseq)
    this.#transactions.push(transaction)
    return transaction
  }

  /** CANCEL and the ACK of a failure have the Via, the From and the number of their INVITE (RFC 3261 §9.1, §17.1.1.3). */
  #ofInvite(line: LadderLine, isTransaction: boolean): Transaction {
    const invite = this.#newest(line.from, line.to, 'INVITE', line) ?? this.#start(line, { inDialog: false })
    const via = invite.via.slice(0, 1)
    const known = isTransaction || invite.inDialog
    const calleeTag = known ? invite.calleeTag : (line.toTag ?? invite.lastTag ?? invite.ownTag)
    const own: Transaction = { ...invite, method: line.method, via, calleeTag, parent: undefined, status: 0 }
    if (isTransaction) this.#transactions.push(own)
    return own
  }

  /** The request that the sender has received and now sends on; within a dialog never back to where it came from. */
  #received(line: LadderLine, inDialog: boolean): Transaction | undefined {
    const newest = this.#transactions.findLast(
      known => known.method === line.method && known.responder === line.from && known.inDialog === inDialog
    )
    return inDialog && newest?.requester === line.to ? undefined : newest
  }

  /** Another participant may answer than was asked: peers are multi-homed. */
  #newest(requester: Participant, responder: Participant, method: string, line: LadderLine): Transaction | undefined {
    const fits = (known: Transaction): boolean =>
      known.requester === requester &&
      known.method === method &&
      (!line.again || known.inDialog) &&
      (line.branch === undefined || known.branch === this.#branch(line.branch)) &&
      (line.cseq === undefined || known.cseq === line.cseq)
    return (
      this.#transactions.findLast(known => fits(known) && known.responder === responder) ??
      this.#transactions.findLast(fits)
    )
  }

  /** A new branch that has a name is a fork of the same request; without a name it is the next request. */
  #nextCseq(line: LadderLine, parent: Transaction | undefined, reversed: boolean): number {
    const forked = this.#transactions.findLast(known => known.method === line.method && known.requester === line.from)
    if (parent) return parent.cseq
    if (line.branch !== undefined && forked && line.method === 'INVITE' && !line.again) return forked.cseq
    return this.#cseq[reversed ? 'callee' : 'caller'] + 1
  }

  #isInDialog(line: LadderLine): boolean {
    if (line.toTag !== undefined) return line.toTag !== ''
    if (line.method === 'INVITE') return line.again
    return this.#transactions.some(known => known.method === 'INVITE')
  }

  #branch(name: string | undefined): string | undefined {
    return name === undefined ? undefined : `z9hG4bK-${this.#name}-${name}`
  }

  #place(from: Participant, to: Participant): void {
    this.#parties ??= { caller: from, callee: to }
    if (!this.#hops.has(from.name)) this.#hops.set(from.name, this.#hops.has(to.name) ? this.#hop(to) - 1 : 0)
    if (!this.#hops.has(to.name)) this.#hops.set(to.name, this.#hop(from) + 1)
  }

  #hop(participant: Participant): number {
    return this.#hops.get(participant.name) ?? 0
  }
}

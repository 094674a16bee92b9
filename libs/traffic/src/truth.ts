import { inSeconds, type Micros } from '@earshot/units'

/** The classes that generated attempts have. */
export type GeneratedClass = 'none' | 'ringing' | 'progress' | 'vetoed' | 'unusable' | 'early_media'

export type GeneratedOutcome =
  | 'answered'
  | 'redirected'
  | 'busy'
  | 'cancelled'
  | 'no_answer'
  | 'unavailable'
  | 'timeout'
  | 'not_found'
  | 'incompatible'
  | 'declined'
  | 'congestion'
  | 'server_error'
  | 'rejected'

type Counts = Record<string, number>

/** What was generated for one peer in one direction; the names are those of the figures the product publishes. */
export type PeerTruth = {
  readonly peer: string
  readonly direction: 'inbound' | 'outbound'
  attempts: number
  readonly outcomes: Counts
  readonly classes: Counts
  /** Attempts by `class/outcome`; they sum up to attempts. */
  readonly cells: Counts
  readonly earlyMedia: { attempts: number; readonly outcomes: Counts; seconds: number }
  readonly responses183: { withSdp: number; withoutSdp: number }
  /** From each 2xx to its BYE, and from there to the answer. */
  readonly talk: { calls: number; seconds: number; disconnectSeconds: number }
  readonly rejections: { readonly method: string; readonly code: number; transactions: number }[]
}

/** What one message settles, counted when it is given out. */
export type Note =
  | {
      readonly kind: 'attempt'
      readonly class: GeneratedClass
      readonly outcome: GeneratedOutcome
      readonly earlyMedia: Micros
    }
  | { readonly kind: '183'; readonly withSdp: boolean }
  | { readonly kind: 'rejection'; readonly method: string; readonly code: number }
  | { readonly kind: 'talk'; readonly length: Micros; readonly disconnect: Micros }
  | { readonly kind: 'call' }

/** The truth of all messages given out so far: of the whole traffic once the iterator has ended. */
export class CarrierTruth {
  readonly messages = { sip: 0, retransmissions: 0, duplicates: 0 }
  calls = 0
  readonly #peers = new Map<string, PeerTruth>()

  get peers(): readonly PeerTruth[] {
    return [...this.#peers.values()]
  }

  note(peer: string, direction: 'inbound' | 'outbound', note: Note): void {
    if (note.kind === 'call') {
      this.calls++
      return
    }
    const truth = this.#peer(peer, direction)
    switch (note.kind) {
      case 'attempt':
        countAttempt(truth, note)
        break
      case '183':
        truth.responses183[note.withSdp ? 'withSdp' : 'withoutSdp']++
        break
      case 'talk':
        truth.talk.calls++
        truth.talk.seconds += inSeconds(note.length)
        truth.talk.disconnectSeconds += inSeconds(note.disconnect)
        break
      case 'rejection':
        countRejection(truth, note.method, note.code)
        break
    }
  }

  #peer(peer: string, direction: 'inbound' | 'outbound'): PeerTruth {
    const key = `${peer} ${direction}`
    const known = this.#peers.get(key)
    if (known) return known
    const earlyMedia = { attempts: 0, outcomes: {}, seconds: 0 }
    const responses183 = { withSdp: 0, withoutSdp: 0 }
    const talk = { calls: 0, seconds: 0, disconnectSeconds: 0 }
    const fresh = { attempts: 0, outcomes: {}, classes: {}, cells: {}, earlyMedia, responses183, talk, rejections: [] }
    const truth: PeerTruth = { peer, direction, ...fresh }
    this.#peers.set(key, truth)
    return truth
  }
}

function countAttempt(truth: PeerTruth, note: Note & { kind: 'attempt' }): void {
  truth.attempts++
  add(truth.outcomes, note.outcome)
  add(truth.classes, note.class)
  add(truth.cells, `${note.class}/${note.outcome}`)
  if (note.class !== 'early_media') return
  truth.earlyMedia.attempts++
  add(truth.earlyMedia.outcomes, note.outcome)
  truth.earlyMedia.seconds += inSeconds(note.earlyMedia)
}

function countRejection(truth: PeerTruth, method: string, code: number): void {
  const known = truth.rejections.find(rejection => rejection.method === method && rejection.code === code)
  if (known) known.transactions++
  else truth.rejections.push({ method, code, transactions: 1 })
}

function add(counts: Counts, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

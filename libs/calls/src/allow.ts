import type { EpochMicros } from '@earshot/units'
import type { SipMessage } from '@earshot/sip'
import { bounded } from './bounded.ts'
import { isProgress } from './progress.ts'
import type { AllowRecord, AllowSource } from './records.ts'

/** More than any Allow lists. */
const MOST_METHODS = 64
/** Peers and sources remembered; past them the first one is forgotten, and told again when it is seen again. */
const MOST_KEYS = 50_000
const VERSION = '1'
/** Longer ones are read each time. */
const MOST_TEXT = 512

/** Tells when a responder's Allow differs from its last one of the same source (MC-7). Absent is not empty. */
export class AllowWatch {
  readonly #last = new Map<string, string>()
  /** The same as it was written, so that what is repeated need not be read. */
  readonly #texts = new Map<string, string>()
  readonly #touched = new Set<string>()
  readonly #emit: (record: AllowRecord) => void

  constructor(emit: (record: AllowRecord) => void) {
    this.#emit = emit
  }

  /** @param response has an Allow */
  notice(response: SipMessage, source: AllowSource, peer: string, at: EpochMicros): void {
    const key = `allow ${source} ${peer}`
    const written = response.allowText
    if (this.#texts.get(key) === written) return
    if (written.length <= MOST_TEXT) this.#texts.set(key, written)
    else this.#texts.delete(key)
    const methods = response.allow!.slice(0, MOST_METHODS).map(bounded)
    const text = methods.join()
    if (this.#last.get(key) === text) return
    this.#remember(key, text)
    this.#emit({ kind: 'allow', at, peer, source, methods })
  }

  changes(): { key: string; value: Buffer | undefined }[] {
    const changes = [...this.#touched].map(key => {
      const text = this.#last.get(key)
      return { key, value: text === undefined ? undefined : Buffer.from(`${VERSION} ${text}`) }
    })
    this.#touched.clear()
    return changes
  }

  /** @throws when a later version wrote it */
  restore(key: string, value: Buffer): void {
    const [version, text = ''] = value.toString().split(' ')
    if (version !== VERSION) {
      throw new Error(`An Allow has format ${version}; this version of Earshot reads up to ${VERSION}`)
    }
    this.#last.set(key, text)
  }

  #remember(key: string, text: string): void {
    this.#last.set(key, text)
    this.#touched.add(key)
    if (this.#last.size <= MOST_KEYS) return
    const [first] = this.#last.keys()
    this.#last.delete(first!)
    this.#texts.delete(first!)
    this.#touched.add(first!)
  }
}

/** What a response says with its Allow (MC-7); undefined where that is nothing. */
export function allowSourceOf({ status, cseqMethod }: SipMessage): AllowSource | undefined {
  if (status === 405) return '405'
  if (status === 501) return '501'
  const success = status >= 200 && status < 300
  if (cseqMethod === 'OPTIONS' && success) return 'options'
  if (cseqMethod !== 'INVITE') return undefined
  if (isProgress(status)) return 'provisional'
  return success ? 'answer' : undefined
}

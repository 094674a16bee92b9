import type { DetectorChange } from './detector.ts'

/** Values of a detector by names, each a state of its own: plain data, kept as JSON under a first word. */
export class KeyedStates<Value extends object> {
  readonly word: string
  readonly #version: number
  readonly #values = new Map<string, Value>()
  readonly #touched = new Set<string>()

  constructor(word: string, version: number) {
    this.word = word
    this.#version = version
  }

  get size(): number {
    return this.#values.size
  }

  get(...names: readonly string[]): Value | undefined {
    return this.#values.get(this.#keyOf(names))
  }

  /** The value of these names was made or changed. */
  set(value: Value, ...names: readonly string[]): void {
    const key = this.#keyOf(names)
    this.#values.set(key, value)
    this.#touched.add(key)
  }

  delete(...names: readonly string[]): void {
    const key = this.#keyOf(names)
    if (this.#values.delete(key)) this.#touched.add(key)
  }

  values(): Iterable<Value> {
    return this.#values.values()
  }

  changes(): DetectorChange[] {
    const changes = Array.from(this.#touched, key => {
      const value = this.#values.get(key)
      return { key, value: value && Buffer.from(JSON.stringify({ format: this.#version, value })) }
    })
    this.#touched.clear()
    return changes
  }

  /**
   * Returns the value that is now.
   *
   * @throws when a later version wrote it
   */
  restore(key: string, text: Buffer | undefined): Value | undefined {
    if (text === undefined) {
      this.#values.delete(key)
      return undefined
    }
    const { format, value } = JSON.parse(text.toString()) as { format: number; value: Value }
    if (format > this.#version) {
      throw new Error(`The ${this.word} of a peer has format ${format}; this version of Earshot reads ${this.#version}`)
    }
    this.#values.set(key, value)
    return value
  }

  #keyOf(names: readonly string[]): string {
    return `${this.word} ${JSON.stringify(names)}`
  }
}

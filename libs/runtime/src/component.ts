/** Whatever holds something open: a socket, a file, a timer. Its constructor only stores what it is given. */
export interface Component {
  readonly name: string

  /** Resolves once the component accepts work. Rejects if it cannot; the process then refuses to start. */
  start(): Promise<void>

  /** Stops accepting work, then flushes what it holds. Safe before `start` and safe twice. */
  stop(): Promise<void>
}

/**
 * Several components as one, given from the sink to the source: started in this order and stopped in reverse, so that
 * nothing receives what nobody takes. If one does not start, those already started are stopped. A `stop` during `start`
 * lets the component that is starting finish, then stops. Every component is stopped even if another fails to.
 */
export function assemble(name: string, components: readonly Component[]): Component {
  return new Assembly(name, components)
}

/** Assembles and starts; the result is what is to be stopped. */
export async function run(components: readonly Component[]): Promise<Component> {
  const parts = assemble('earshot', components)
  await parts.start()
  return parts
}

class Assembly implements Component {
  readonly name: string
  readonly #components: readonly Component[]
  readonly #started: Component[] = []
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(name: string, components: readonly Component[]) {
    this.name = name
    this.#components = components
  }

  start(): Promise<void> {
    this.#starting ??= this.#startAll()
    return this.#starting
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAfterStart()
    return this.#stopping
  }

  async #startAll(): Promise<void> {
    for (const component of this.#components) {
      if (this.#stopping !== undefined) throw new Error(`${this.name} was stopped before it had started`)
      try {
        await component.start()
      } catch (cause) {
        await this.#stopStarted().catch(failed => {
          throw new AggregateError([cause, failed], `${component.name} did not start, and not all others stopped`)
        })
        throw cause
      }
      this.#started.push(component)
    }
  }

  async #stopAfterStart(): Promise<void> {
    // Why a start failed is told to who started.
    await this.#starting?.catch(() => undefined)
    await this.#stopStarted()
  }

  async #stopStarted(): Promise<void> {
    const failures: unknown[] = []
    for (let component = this.#started.pop(); component !== undefined; component = this.#started.pop()) {
      try {
        await component.stop()
      } catch (cause) {
        failures.push(new Error(`${component.name} did not stop cleanly`, { cause }))
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '))
  }
}

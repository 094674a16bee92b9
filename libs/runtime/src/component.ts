/** Whatever holds something open: a socket, a file, a timer. Its constructor only stores what it is given. */
export interface Component {
  readonly name: string

  /** Resolves once the component accepts work. Rejects if it cannot; the process then refuses to start. */
  start(): Promise<void>

  /**
   * Stops accepting work, then flushes what it holds. Safe before `start`, during it and twice. A start under way may be
   * given up, which then rejects; one that succeeds nevertheless is followed by another `stop`.
   */
  stop(): Promise<void>
}

/**
 * Several components as one, given from the sink to the source: started in this order and stopped in reverse, so that
 * nothing receives what nobody takes. If one does not start, those already started are stopped. A `stop` during `start`
 * stops the component that is starting, and when that start is over all others. Every component is stopped even if
 * another fails to.
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
  #current: Component | undefined
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
      this.#current = component
      try {
        await component.start()
      } catch (cause) {
        await this.#stopStarted().catch(failed => {
          throw new AggregateError([cause, failed], `${component.name} did not start, and not all others stopped`)
        })
        throw cause
      } finally {
        this.#current = undefined
      }
      this.#started.push(component)
    }
  }

  async #stopAfterStart(): Promise<void> {
    const failures: unknown[] = []
    if (this.#current !== undefined) await stopped(this.#current, failures)
    // Why a start failed is told to who started.
    await this.#starting?.catch(() => undefined)
    await this.#stopStarted(failures)
  }

  async #stopStarted(failures: unknown[] = []): Promise<void> {
    for (let component = this.#started.pop(); component !== undefined; component = this.#started.pop()) {
      await stopped(component, failures)
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '))
  }
}

async function stopped(component: Component, failures: unknown[]): Promise<void> {
  try {
    await component.stop()
  } catch (cause) {
    failures.push(new Error(`${component.name} did not stop cleanly`, { cause }))
  }
}

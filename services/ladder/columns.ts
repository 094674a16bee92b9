import type { Parties } from '@earshot/calls'
import type { Endpoint } from '@earshot/units'
import type { Step } from './ladder.ts'

/** An endpoint of a ladder: an address, with its port only where several of one address are to be told apart. */
export type Column = {
  readonly address: string
  /** What the registry calls it; '' where it does not know it. */
  readonly name: string
}

export type Columns = {
  readonly all: readonly Column[]
  /** The index of an endpoint's column. */
  readonly of: (endpoint: Endpoint) => number
}

/** The endpoints of a call, whoever appears first leftmost. */
export function columnsOf(steps: readonly Step[], parties: Parties): Columns {
  const nameOf = (endpoint: Endpoint, { transport }: Step): string => parties.of(endpoint, transport).name
  const split = addressesToSplit(steps, nameOf)
  const keyOf = ({ address, port }: Endpoint): string => (split.has(address) ? textOf(address, port) : address)
  const columns = new Map<string, Column>()
  for (const step of steps) {
    for (const endpoint of [step.source, step.destination]) {
      const key = keyOf(endpoint)
      const name = nameOf(endpoint, step)
      if (!columns.has(key)) columns.set(key, { address: key, name: name === endpoint.address ? '' : name })
    }
  }
  const order = [...columns.keys()]
  return { all: [...columns.values()], of: endpoint => order.indexOf(keyOf(endpoint)) }
}

const textOf = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** Addresses that talk to themselves, or that belong to several peers by their ports. */
function addressesToSplit(
  steps: readonly Step[],
  nameOf: (endpoint: Endpoint, step: Step) => string
): ReadonlySet<string> {
  const split = new Set<string>()
  const names = new Map<string, string>()
  for (const step of steps) {
    if (step.source.address === step.destination.address) split.add(step.source.address)
    for (const endpoint of [step.source, step.destination]) {
      const name = nameOf(endpoint, step)
      if ((names.get(endpoint.address) ?? name) !== name) split.add(endpoint.address)
      names.set(endpoint.address, name)
    }
  }
  return split
}

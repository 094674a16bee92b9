import { z } from 'zod'
import { Config } from './config.ts'

/** One leaf of the schema, and what it is called in each place where it can be given. */
export type Setting = {
  readonly path: readonly string[]
  /** In the YAML file: `hep.udpPort`. */
  readonly name: string
  /** On the command line: `--hep-udp-port`. */
  readonly flag: string
  /** As commander names the value of the flag: `hepUdpPort`. */
  readonly flagKey: string
  /** In the environment: `EARSHOT_HEP_UDP_PORT`. */
  readonly env: string
  readonly type: 'string' | 'number' | 'boolean'
  readonly default: unknown
  readonly description: string
  /** What may be written, as the end of «write …». */
  readonly expected: string
}

/** What z.toJSONSchema gives of the parts that the schema uses. */
type Described = {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Described>>
  readonly default?: unknown
  readonly description?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly enum?: readonly string[]
}

export const settings: readonly Setting[] = leaves(z.toJSONSchema(Config, { io: 'input' }) as Described, [])

export const sections: readonly string[] = [
  ...new Set(settings.filter(({ path }) => path.length > 1).map(({ path }) => path.slice(0, -1).join('.')))
]

function leaves(described: Described, path: readonly string[]): Setting[] {
  if (described.properties === undefined) return [setting(described, path)]
  return Object.entries(described.properties).flatMap(([key, value]) => leaves(value, [...path, key]))
}

function setting(described: Described, path: readonly string[]): Setting {
  const kebab = path.join('-').replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
  const type = described.type === 'integer' ? 'number' : described.type
  if (type !== 'string' && type !== 'number' && type !== 'boolean') {
    throw new Error(`The configuration cannot have a ${described.type} at ${path.join('.')}`)
  }
  return {
    path,
    name: path.join('.'),
    flag: `--${kebab}`,
    flagKey: kebab.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    env: `EARSHOT_${kebab.replaceAll('-', '_').toUpperCase()}`,
    type,
    default: described.default,
    description: described.description ?? '',
    expected: expected(described)
  }
}

function expected({ type, format, minimum, maximum, enum: values }: Described): string {
  if (values !== undefined) return `one of ${values.join(', ')}`
  if (type === 'boolean') return 'true or false'
  if (format === 'uri') return 'an http or https URL without a user name'
  if (type === 'string') return 'a text that is not empty'
  const number = type === 'integer' ? 'a whole number' : 'a number'
  // An integer without a bound of its own has the safe integers'.
  if (maximum === undefined || maximum === Number.MAX_SAFE_INTEGER) return `${number} of ${minimum} or more`
  return `${number} from ${minimum} to ${maximum}`
}

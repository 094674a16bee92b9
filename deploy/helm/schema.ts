import { z } from 'zod'
import { givenByChart, isByReference, Values } from './values.ts'

/** The parts of JSON Schema (draft 7) that the values use. */
export type Described = {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Described>>
  readonly [keyword: string]: unknown
}

/** The values, without the rules between them. Of `config` the settings that values may give. */
export const described: Described = withOwnSettings(
  z.toJSONSchema(Values, { io: 'input', target: 'draft-7' }) as Described
)

type Tree = { readonly [key: string]: string | boolean | Tree }

const isGiven = { minLength: 1 }

/** What values must hold together: if the first, then the second. Helm's message names the value that is wrong or missing. */
const rules: readonly (readonly [Described, Described])[] = [
  [having({ profile: 'pipeline' }), needing('config', needing('kafka', needing('brokers')))],
  [having({ collector: { kind: 'DaemonSet' } }), within('collector', 'autoscaling', 'enabled', { const: false })],
  [having({ profile: 'pipeline', hostNetwork: true }), within('collector', 'kind', { const: 'DaemonSet' })],
  [having({ hep: { tls: { verifiesAgents: true } } }), within('hep', 'tls', 'secret', isGiven)],
  [having({ kafka: { tls: { clientCertificate: true } } }), within('kafka', 'tls', 'secret', isGiven)],
  [needing('config', needing('kafka', needing('username'))), within('kafka', 'password', 'secret', isGiven)]
]

/** The text of values.schema.json. */
export function valuesSchema(): string {
  const { properties, ...root } = described
  // Helm hands every chart within another one the values that are common to all.
  const keywords = ['if', 'then']
  const allOf = rules.map(rule => Object.fromEntries(rule.map((part, index) => [keywords[index], part])))
  const whole = { ...root, properties: { global: { type: 'object' }, ...properties }, allOf }
  return `${JSON.stringify(whole, null, 2)}\n`
}

function withOwnSettings(values: Described): Described {
  const { config } = values.properties!
  return { ...values, properties: { ...values.properties, config: { ...withoutGiven(config!, []), default: {} } } }
}

/** Without what the templates or a Secret give, and with ports that a user may open and a Service can name. */
function withoutGiven(node: Described, path: readonly string[]): Described {
  if (node.properties === undefined) return /port$/i.test(path.at(-1)!) ? { ...node, minimum: 1024 } : node
  const kept = Object.entries(node.properties)
    .map(([key, child]) => ({ path: [...path, key], key, child }))
    .filter(each => !givenByChart.includes(each.path.join('.')) && !isByReference(each.key))
    .map(each => [each.key, withoutGiven(each.child, each.path)] as const)
    .filter(([, { properties }]) => properties === undefined || Object.keys(properties).length > 0)
  return { ...node, properties: Object.fromEntries(kept) }
}

function having(values: Tree): Described {
  const properties = Object.entries(values).map(([key, value]) => [
    key,
    typeof value === 'object' ? having(value) : { const: value }
  ])
  return { properties: Object.fromEntries(properties) as Record<string, Described>, required: Object.keys(values) }
}

function needing(key: string, value: Described = {}): Described {
  return { properties: { [key]: value }, required: [key] }
}

function within(...path: readonly [...string[], Described]): Described {
  const keys = path.slice(0, -1) as string[]
  return keys.reduceRight<Described>((inner, key) => ({ properties: { [key]: inner } }), path.at(-1) as Described)
}

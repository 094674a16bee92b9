import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/*
 * Lays schemas out as kubeconform looks for them, each in a file of its own: KUBERNETES-VERSION/KIND-GROUP-VERSION.json.
 * Properties that there are not are refused.
 *
 *   node deploy/helm/resource-schemas.ts SCHEMAS-OF-KUBERNETES CUSTOM-RESOURCES OUT
 */
type Schema = { readonly [key: string]: unknown }

/** The oldest that the chart says it runs on, and the newest that it was run on. */
const versions = ['1.30', '1.35']

const kinds = [
  'configmap-v1',
  'service-v1',
  'serviceaccount-v1',
  'deployment-apps-v1',
  'statefulset-apps-v1',
  'daemonset-apps-v1',
  'job-batch-v1',
  'horizontalpodautoscaler-autoscaling-v2',
  'poddisruptionbudget-policy-v1',
  'networkpolicy-networking-v1'
]

const [kubernetes, customResources, out] = process.argv.slice(2) as [string, string, string]

for (const version of versions) {
  const folder = join(kubernetes, `v${version}.0-local-strict`)
  const definitions = (read(join(folder, '_definitions.json')) as { $defs: Record<string, Schema> }).$defs
  for (const kind of kinds) write(version, kind, bundled(read(join(folder, `${kind}.json`)), definitions))
  for (const file of globSync('*.yaml', { cwd: customResources })) {
    for (const [name, schema] of served(parse(readFileSync(join(customResources, file), 'utf8')) as CustomResource)) {
      write(version, name, schema)
    }
  }
}

/** With the definitions that it refers to, however far, beside it. */
function bundled(schema: Schema, definitions: Readonly<Record<string, Schema>>): Schema {
  const needed: Record<string, unknown> = {}
  const local = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(local)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => {
        const name = key === '$ref' && /#\/\$defs\/(.+)$/.exec(String(child))?.[1]
        if (!name) return [key, local(child)]
        if (!(name in needed)) {
          needed[name] = true
          needed[name] = local(definitions[name])
        }
        return [key, `#/$defs/${name}`]
      })
    )
  }
  return { ...(local(schema) as Schema), $defs: needed }
}

type CustomResource = {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[]
  }
}

function served({ spec: { group, names, versions: each } }: CustomResource): [string, Schema][] {
  return each.map(({ name, schema }) => [
    `${names.kind.toLowerCase()}-${group.split('.')[0]}-${name}`,
    strict(schema.openAPIV3Schema) as Schema
  ])
}

function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, child]) => [key, strict(child)])
  const { properties, additionalProperties } = value as Schema
  const isClosed =
    typeof properties === 'object' &&
    additionalProperties === undefined &&
    !('x-kubernetes-preserve-unknown-fields' in value)
  return Object.fromEntries(isClosed ? [...entries, ['additionalProperties', false]] : entries)
}

function read(file: string): Schema {
  return JSON.parse(readFileSync(file, 'utf8')) as Schema
}

function write(version: string, name: string, schema: Schema): void {
  mkdirSync(join(out, version), { recursive: true })
  writeFileSync(join(out, version, `${name}.json`), JSON.stringify(schema))
}

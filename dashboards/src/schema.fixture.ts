import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { AnySchemaObject } from 'ajv'
import { createGenerator } from 'ts-json-schema-generator'

const require = createRequire(import.meta.url)
/** Without it every package in @types would bring types of the same names. */
const tsconfig = join(import.meta.dirname, '../tsconfig.schema.json')

/** The JSON Schema of one of the SDK's types; what the type does not have is not allowed. */
export function schemaOf(part: string, type: string): AnySchemaObject {
  const path = join(dirname(require.resolve(`@grafana/grafana-foundation-sdk/${part}`)), 'types.gen.d.ts')
  const generator = createGenerator({
    path,
    type,
    tsconfig,
    skipTypeCheck: true,
    additionalProperties: false,
    topRef: false
  })
  return generator.createSchema(type) as AnySchemaObject
}

/** Of a dashboard whose queries are all Prometheus'. A panel's options and a query are of any kind in the SDK's type. */
export function dashboardSchema(): AnySchemaObject {
  const schema = schemaOf('dashboard', 'Dashboard')
  const { definitions, ...query } = schemaOf('prometheus', 'Dataquery')
  Object.assign(schema['definitions'], definitions, { Dataquery: query })
  // Rows are panels too in the SDK's type, and made a wrong panel's errors unreadable: there are none here.
  schema['properties'].panels.items = { $ref: '#/definitions/Panel' }
  return schema
}

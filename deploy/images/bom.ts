import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.ts'
import type { SystemPackage } from './system.ts'

type Component = {
  readonly name: string
  readonly version: string
  readonly type: string
  readonly 'bom-ref': string
  readonly purl: string
  readonly group?: string
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string }
    readonly expression?: string
  }[]
}

type Bom = {
  readonly serialNumber: string
  readonly metadata: { readonly timestamp: string; readonly component: Component; readonly tools?: unknown }
  readonly components: readonly Component[]
}

/** The bill of materials (CycloneDX) and the list of licences, as texts that the same contents give again. */
export type Bill = { readonly bom: string; readonly licences: string }

/** What npm says that the services depend on, with Node and the packages of the operating system. */
export function billOf(source: string, system: readonly SystemPackage[]): Bill {
  const npm = JSON.parse(
    run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '-w', 'services', '--package-lock-only'], {
      cwd: source
    })
  ) as Bom
  const components = [...npm.components, node(source), ...system.map(debian)].toSorted((a, b) =>
    a['bom-ref'] < b['bom-ref'] ? -1 : 1
  )
  const { component } = npm.metadata
  const content = {
    ...npm,
    metadata: { component: { ...component, name: 'earshot', type: 'application' } },
    components
  }
  const whole = { ...content, serialNumber: `urn:uuid:${uuidOf(JSON.stringify({ ...content, serialNumber: '' }))}` }
  return { bom: `${JSON.stringify(whole, null, 1)}\n`, licences: licenceList(components) }
}

function node(source: string): Component {
  const { version } = JSON.parse(readFileSync(join(source, 'node_modules/node/package.json'), 'utf8')) as {
    version: string
  }
  return {
    'bom-ref': `node@${version}`,
    type: 'platform',
    name: 'node',
    version,
    purl: `pkg:npm/node@${version}`,
    licenses: [{ license: { id: 'MIT' } }]
  }
}

const debian = ({ name, version, architecture, copyright }: SystemPackage): Component => ({
  'bom-ref': `deb:${name}@${version}`,
  type: 'library',
  name,
  version,
  purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`,
  licenses: [{ license: { name: `see ${copyright}` } }]
})

const licenceList = (components: readonly Component[]): string =>
  components
    .map(({ group, name, version, licenses = [] }) => {
      const named = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name)
      return `${group === undefined ? '' : `${group}/`}${name} ${version}: ${named.join(', ') || 'not said'}\n`
    })
    .toSorted()
    .join('')

/** A UUID of version 8 (RFC 9562 §5.8), of the text alone. */
function uuidOf(text: string): string {
  const digest = createHash('sha256').update(text).digest()
  digest[6] = (digest[6]! & 0x0f) | 0x80
  digest[8] = (digest[8]! & 0x3f) | 0x80
  return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

import { dirname, join } from 'node:path/posix'

/** One import as a source file writes it. `file` is relative to the root. */
export type Import = { readonly file: string; readonly specifier: string }

/** What each library may import; a new one gets its place here first. */
const libraries: Readonly<Record<string, readonly string[]>> = {
  units: [],
  hep: ['units'],
  sip: ['units'],
  rtp: ['units'],
  capture: ['units', 'hep', 'rtp', 'sip'],
  calls: ['units', 'rtp', 'sip'],
  peers: ['units', 'calls'],
  telemetry: ['units'],
  runtime: ['units'],
  bus: ['units'],
  store: ['units', 'calls', 'peers'],
  traffic: ['units'],
  dashboards: ['telemetry']
}

/** Which other services each may import, beside the files that stand between them; all may import every library. */
const services: Readonly<Record<string, readonly string[]>> = {
  collector: [],
  correlator: [],
  monitor: [],
  ladder: [],
  recorder: [],
  reports: [],
  console: ['collector', 'correlator', 'monitor', 'ladder', 'reports'],
  earshot: ['collector', 'correlator', 'monitor', 'ladder', 'recorder', 'reports', 'console']
}

const web = 'services/console/web'

/** What the API answers: the page has its types from there. */
const answers = 'services/console/answers'

/** What the imports break of the layers, one line each. `dependencies` has those of each package.json, by its folder. */
export function violations(
  imports: readonly Import[],
  dependencies: Readonly<Record<string, readonly string[]>>
): string[] {
  const wrong = imports.flatMap(each => {
    const why = each.specifier.startsWith('.') ? wrongFile(each) : wrongPackage(each, dependencies)
    return why === undefined ? [] : [`${each.file} imports ${each.specifier}: ${why}`]
  })
  return [...wrong, ...unused(imports, dependencies)]
}

/** The folder of the package that a file is in. The page is built on its own and is one too. */
export function packageOf(file: string): string {
  if (file.startsWith(`${web}/`)) return web
  if (file.startsWith('dashboards/')) return 'dashboards'
  return file.startsWith('libs/') ? file.split('/').slice(0, 2).join('/') : 'services'
}

function wrongFile({ file, specifier }: Import): string | undefined {
  const target = join(dirname(file), specifier)
  const home = packageOf(file)
  if (home === web && dirname(target) === answers) return undefined
  if (!target.startsWith(`${home}/`) || packageOf(target) !== home) return `it lies outside of ${home}`
  if (home !== 'services' || dirname(target) === 'services') return undefined
  const [from = '', to = ''] = [file, target].map(path => path.split('/')[1])
  if (from === to) return undefined
  return services[from]?.includes(to) ? undefined : `${from} ${mayImport(services[from], 'services')}`
}

function wrongPackage(
  { file, specifier }: Import,
  dependencies: Readonly<Record<string, readonly string[]>>
): string | undefined {
  if (specifier.startsWith('node:')) return undefined
  const home = packageOf(file)
  const name = packageName(specifier)
  if (name.startsWith('@earshot/')) {
    if (specifier !== name) return 'only the package itself may be imported, not files in it'
    const library = home.replace('libs/', '')
    const allowed = home === 'services' ? Object.keys(libraries) : libraries[library]
    if (!allowed?.includes(name.slice('@earshot/'.length))) return `${library} ${mayImport(allowed, 'libraries')}`
  }
  return dependencies[home]?.includes(name) ? undefined : `${home}/package.json does not depend on it`
}

function mayImport(allowed: readonly string[] | undefined, what: string): string {
  if (allowed === undefined) return 'has no place in the layers yet'
  return allowed.length === 0 ? `may not import other ${what}` : `may only import ${allowed.join(', ')}`
}

function unused(imports: readonly Import[], dependencies: Readonly<Record<string, readonly string[]>>): string[] {
  const used = new Set(imports.map(({ file, specifier }) => `${packageOf(file)} ${packageName(specifier)}`))
  return Object.entries(dependencies).flatMap(([home, names]) =>
    names
      .filter(name => home !== web && !used.has(`${home} ${name}`))
      .map(name => `${home}/package.json depends on ${name}, which nothing in it imports`)
  )
}

/** `@scope/name` or `name`, without the path of a file in it. */
const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

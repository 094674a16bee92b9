import { isMap, isPair, isScalar, LineCounter, parseDocument } from 'yaml'
import { nearest } from './nearest.ts'
import { type Setting, sections, settings } from './setting.ts'

export type Tree = { [key: string]: unknown }

/** Values from one place: what they are, and how a mistake in them names the place. */
export type Source = {
  readonly tree: unknown
  /** Mistakes that show before the values are checked. */
  readonly mistakes: readonly string[]
  locate(path: readonly string[]): string
}

/** Flags as commander gives them: by camel-cased name, absent ones undefined. Other options of a command are passed over. */
export function fromFlags(flags: Readonly<Record<string, unknown>>): Source {
  const given = settings.filter(({ flagKey }) => flags[flagKey] !== undefined)
  return {
    tree: treeOf(given.map(setting => [setting, fromText(setting, flags[setting.flagKey])])),
    mistakes: [],
    locate: path => settingAt(path)?.flag ?? path.join('.')
  }
}

/** An empty variable is as good as none: compose files and unit files cannot leave one out. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Source {
  const names = [configEnv, ...settings.map(setting => setting.env)]
  const unknown = Object.keys(env).filter(name => name.startsWith('EARSHOT_') && !names.includes(name))
  const given = settings.filter(setting => (env[setting.env] ?? '') !== '')
  return {
    tree: treeOf(given.map(setting => [setting, fromText(setting, env[setting.env])])),
    mistakes: unknown.map(name => `${name}: there is no such setting; did you mean ${nearest(name, names)}?`),
    locate: path => settingAt(path)?.env ?? path.join('.')
  }
}

export const configEnv = 'EARSHOT_CONFIG'

/** A key without a value (`hep:` with everything under it commented out) is as good as none. */
export function fromYaml(text: string, file: string): Source {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter })
  const at = (offset: number): string => `${file}:${lineCounter.linePos(offset).line}`
  if (document.errors.length > 0) {
    const mistakes = document.errors.map(({ pos, message }) => `${at(pos[0])}: ${message.split('\n')[0]}`)
    return { tree: {}, mistakes, locate: () => file }
  }
  const keyOffset = (path: readonly string[]): number => {
    const parent = document.getIn(path.slice(0, -1), true)
    const pairs = isMap(parent) ? parent.items : []
    const pair = pairs.find(item => isPair(item) && isScalar(item.key) && String(item.key.value) === path.at(-1))
    return isScalar(pair?.key) ? (pair.key.range?.[0] ?? 0) : 0
  }
  return { tree: withoutNulls(document.toJS() ?? {}), mistakes: [], locate: path => at(keyOffset(path)) }
}

export const settingAt = (path: readonly string[]): Setting | undefined =>
  settings.find(({ name }) => name === path.join('.'))

/** What to write instead of a key that is none. */
export const suggestion = (path: readonly string[]): string =>
  `there is no such setting; did you mean ${nearest(path.join('.'), [...sections, ...settings.map(({ name }) => name)])}?`

/** Flags and environment have only text; what is no number or boolean stays text, for the schema to refuse. */
function fromText({ type }: Setting, value: unknown): unknown {
  if (typeof value !== 'string' || type === 'string') return value
  const text = value.trim()
  if (type === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : value
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : value
}

export function treeOf(values: readonly (readonly [Setting, unknown])[]): Tree {
  const tree: Tree = {}
  for (const [{ path }, value] of values) {
    const section = path.slice(0, -1).reduce((parent, key) => (parent[key] ??= {}) as Tree, tree)
    section[path.at(-1)!] = value
  }
  return tree
}

export const valueAt = (tree: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((parent, key) => (parent as Record<PropertyKey, unknown> | undefined)?.[key], tree)

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null)
      .map(([key, child]) => [key, withoutNulls(child)])
  )
}

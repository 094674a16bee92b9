import { readFileSync } from 'node:fs'
import { Config } from './config.ts'
import {
  configEnv,
  fromEnvironment,
  fromFlags,
  fromYaml,
  type Source,
  settingAt,
  suggestion,
  treeOf,
  valueAt
} from './config-sources.ts'
import { settings } from './setting.ts'

/** What is wrong with the configuration: one line per mistake, each with its place and what to write. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

/**
 * Reads the configuration: flag, then environment, then the YAML file that `--config` or EARSHOT_CONFIG names, then the
 * default. Every place is checked whole, so a wrong value is refused even where another place overrides it.
 *
 * @param flags as commander's `opts()` gives them
 * @throws ConfigError with all mistakes
 */
export function loadConfig({
  flags,
  env
}: {
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
}): Config {
  const file = typeof flags['config'] === 'string' ? flags['config'] : env[configEnv]
  const sources = [fromFlags(flags), fromEnvironment(env), ...(file ? [fromFile(file)] : [])]
  const mistakes = sources.flatMap(source => [...source.mistakes, ...wrongValues(source)])
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return Config.parse(
    treeOf(
      settings.flatMap(setting => {
        const value = sources.map(({ tree }) => valueAt(tree, setting.path)).find(each => each !== undefined)
        return value === undefined ? [] : [[setting, value]]
      })
    )
  )
}

function fromFile(file: string): Source {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const mistake = `${file}: cannot be read (${code}); give --config the path of a YAML file`
    return { tree: {}, mistakes: [mistake], locate: () => file }
  }
  return fromYaml(text, file)
}

function wrongValues(source: Source): string[] {
  const { tree } = source
  const issues = Config.safeParse(tree).error?.issues ?? []
  return issues.flatMap(issue => {
    const path = issue.path.map(String)
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map(key => {
        const unknown = [...path, key]
        return `${source.locate(unknown)}: ${unknown.join('.')}: ${suggestion(unknown)}`
      })
    }
    const expected = settingAt(path)?.expected ?? `a map of settings: ${namesUnder(path)}`
    const what = path.length > 0 ? `${path.join('.')} is` : 'this is'
    return [`${source.locate(path)}: ${what} ${JSON.stringify(valueAt(tree, path))}; write ${expected}`]
  })
}

const namesUnder = (path: readonly string[]): string =>
  [
    ...new Set(settings.filter(s => path.every((key, index) => s.path[index] === key)).map(s => s.path[path.length]))
  ].join(', ')

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultThresholds, type Thresholds } from './src/rules/options.ts'
import { inRepository, prometheusRule, rulesFile, runbooksBelow } from './src/rules/files.ts'
import { generatedRules } from './src/rules/generated.ts'
import { ruleGroups } from './src/rules/index.ts'

/*
 * npm run rules                    writes dashboards/generated/rules, dashboards/generated/demo and docs/rules.md
 * npm run rules -- --output FILE ...   writes the rules with other links and thresholds
 */

const usage = `npm run rules -- [--output FILE [--operator] [--runbooks URL] [--threshold NAME=NUMBER]... [--without GROUP]...]
groups: ${ruleGroups()
  .map(({ name }) => name)
  .join(' ')}
thresholds: ${Object.entries(defaultThresholds)
  .map(pair => pair.join('='))
  .join(' ')}
`

const { values } = parseArgs({
  options: {
    output: { type: 'string' },
    operator: { type: 'boolean', default: false },
    runbooks: { type: 'string' },
    threshold: { type: 'string', multiple: true, default: [] },
    without: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false }
  }
})

if (values.help) process.stdout.write(usage)
else if (values.output !== undefined) {
  const write = values.operator ? prometheusRule : rulesFile
  const runbooks = values.runbooks === undefined ? inRepository : runbooksBelow(values.runbooks)
  const groups = ruleGroups({ pace: 1, thresholds: thresholdsWith(values.threshold) })
  const named = groups.map(({ name }) => name)
  for (const name of values.without) if (!named.includes(name)) fail(`--without ${name}`)
  const kept = groups.filter(({ name }) => !values.without.includes(name))
  await writeFile(values.output, write(kept, runbooks))
} else {
  for (const [path, content] of Object.entries(generatedRules())) {
    const file = join(import.meta.dirname, '..', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
}

function thresholdsWith(changes: readonly string[]): Thresholds {
  const thresholds: Record<string, number> = { ...defaultThresholds }
  for (const change of changes) {
    const [name = '', value = ''] = change.split('=')
    if (!(name in thresholds) || value === '' || !Number.isFinite(Number(value))) {
      fail(`--threshold ${change}`)
    }
    thresholds[name] = Number(value)
  }
  return thresholds as Thresholds
}

function fail(option: string): never {
  process.stderr.write(`${option} cannot be used\n${usage}`)
  process.exit(2)
}

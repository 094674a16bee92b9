import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultValues, valuesReference } from './reference.ts'
import { valuesSchema } from './schema.ts'

export const chart = fileURLToPath(new URL('earshot', import.meta.url))

const dashboards = fileURLToPath(new URL('../../dashboards/generated', import.meta.url))

/** What of the chart is made from something else, as texts by path below the chart. */
export const madeFiles = (): Readonly<Record<string, string>> => ({
  'values.yaml': defaultValues(),
  'values.schema.json': valuesSchema(),
  'README.md': valuesReference(),
  // Helm reads only what lies within the chart.
  ...copies('grafana/*.json', 'files/dashboards'),
  ...copies('rules/earshot.yaml', 'files/rules')
})

const copies = (pattern: string, folder: string): Record<string, string> =>
  Object.fromEntries(
    globSync(pattern, { cwd: dashboards })
      .toSorted()
      .map(file => [join(folder, basename(file)), readFileSync(join(dashboards, file), 'utf8')])
  )

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { configReference } from '@earshot/runtime'
import { parse } from 'yaml'
import { chart, madeFiles } from '../../deploy/helm/chart.ts'
import { described, type Described } from '../../deploy/helm/schema.ts'

const read = (file: string): string => readFileSync(join(chart, file), 'utf8')
const made = madeFiles()

describe('deploy/helm', () => {
  it.each(Object.keys(made))('has %s as npm run chart makes it', file => {
    expect(read(file)).toBe(made[file])
  })

  it('has no file of dashboards that is not made any more', () => {
    expect(globSync('files/*/*', { cwd: chart }).filter(file => !(file in made))).toEqual([])
  })

  it('has the version of Earshot', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(parse(read('Chart.yaml'))).toMatchObject({ version, appVersion: version })
  })

  it('gives every setting by config, or by the environment where it is of the pod, a file or a secret', () => {
    const templates = globSync('templates/*', { cwd: chart }).map(read).join('\n')
    // Passwords have files.
    const missing = settings().filter(
      ({ name, env }) =>
        !has(described.properties!.config!, name.split('.')) && !new RegExp(`name: ${env}\\b`).test(templates)
    )
    expect(missing.map(({ name }) => name)).toEqual(['kafka.password', 'memory', 'store.password'])
  })
})

/** Every setting, as docs/configuration.md lists them. */
const settings = (): { name: string; env: string }[] =>
  [...configReference().matchAll(/^## `(.+)`$[^#]*- Environment: `(.+)`$/gm)].map(([, name = '', env = '']) => ({
    name,
    env
  }))

const has = (node: Described, path: readonly string[]): boolean =>
  path.reduce<Described | undefined>((at, key) => at?.properties?.[key], node) !== undefined

import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'
import { packageOf, violations, type Import } from './layers.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const read = (file: string): string => readFileSync(`${root}/${file}`, 'utf8')

/** What runs only in tests, benchmarks and builds may import anything. */
const isForTests = (file: string): boolean =>
  /\.(test|fixture|testing|contract|child|config)\.tsx?$|\/(bench|testing|dist)\//.test(file)

const sources = globSync(['libs/*/src/**/*.ts', 'services/**/*.{ts,tsx}', 'dashboards/**/*.ts'], { cwd: root })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => !file.includes('node_modules/') && !isForTests(file))

const importsOf = (file: string): Import[] =>
  ts.preProcessFile(read(file), true, true).importedFiles.map(({ fileName }) => ({ file, specifier: fileName }))

function dependenciesOf(home: string): readonly string[] {
  // The page is bundled: what it imports is needed to build only.
  if (home === 'services/console/web') return ['react', 'react-dom', 'uplot']
  const { dependencies = {} } = JSON.parse(read(`${home}/package.json`)) as { dependencies?: object }
  // What the dashboards are made with is needed to make them only.
  const making = home === 'dashboards' ? ['@grafana/grafana-foundation-sdk', '@grafana/promql-builder'] : []
  return [...Object.keys(dependencies), ...making]
}

describe('the import graph', () => {
  it('keeps to the layers', () => {
    const homes = [...new Set(sources.map(packageOf))]
    const dependencies = Object.fromEntries(homes.map(home => [home, dependenciesOf(home)]))
    expect(violations(sources.flatMap(importsOf), dependencies)).toEqual([])
  })

  it('is seen: libraries, services and the page', () => {
    const homes = new Set(sources.map(packageOf))
    for (const home of ['libs/units', 'libs/hep', 'libs/calls', 'services', 'services/console/web']) {
      expect(homes).toContain(home)
    }
    expect(importsOf('services/earshot/main.ts').map(({ specifier }) => specifier)).toEqual(
      expect.arrayContaining(['commander', '@earshot/runtime', './up.ts'])
    )
  })
})

describe('an import that breaks the layers is told in one line', () => {
  it.each([
    {
      file: 'libs/sip/src/x.ts',
      specifier: '@earshot/calls',
      line: 'libs/sip/src/x.ts imports @earshot/calls: sip may only import units'
    },
    {
      file: 'libs/units/src/x.ts',
      specifier: '@earshot/sip',
      line: 'libs/units/src/x.ts imports @earshot/sip: units may not import other libraries'
    },
    {
      file: 'libs/new/src/x.ts',
      specifier: '@earshot/units',
      line: 'libs/new/src/x.ts imports @earshot/units: new has no place in the layers yet'
    },
    {
      file: 'libs/calls/src/x.ts',
      specifier: '@earshot/sip/src/via.ts',
      line: 'libs/calls/src/x.ts imports @earshot/sip/src/via.ts: only the package itself may be imported, not files in it'
    },
    {
      file: 'libs/calls/src/x.ts',
      specifier: '../../sip/src/via.ts',
      line: 'libs/calls/src/x.ts imports ../../sip/src/via.ts: it lies outside of libs/calls'
    },
    {
      file: 'libs/calls/src/x.ts',
      specifier: 'pino',
      line: 'libs/calls/src/x.ts imports pino: libs/calls/package.json does not depend on it'
    },
    {
      file: 'dashboards/src/x.ts',
      specifier: '@earshot/calls',
      line: 'dashboards/src/x.ts imports @earshot/calls: dashboards may only import telemetry'
    },
    {
      file: 'services/monitor/x.ts',
      specifier: '../collector/agents.ts',
      line: 'services/monitor/x.ts imports ../collector/agents.ts: monitor may not import other services'
    },
    {
      file: 'services/console/x.ts',
      specifier: '../earshot/up.ts',
      line: 'services/console/x.ts imports ../earshot/up.ts: console may only import collector, correlator, monitor, ladder, reports'
    },
    {
      file: 'services/console/web/src/x.tsx',
      specifier: '../../api.ts',
      line: 'services/console/web/src/x.tsx imports ../../api.ts: it lies outside of services/console/web'
    },
    {
      file: 'services/console/web/src/x.tsx',
      specifier: '@earshot/units',
      line: 'services/console/web/src/x.tsx imports @earshot/units: services/console/web has no place in the layers yet'
    }
  ])('$line', ({ file, specifier, line }) => {
    expect(violations([{ file, specifier }], {})).toEqual([line])
  })

  it('a dependency without an import too', () => {
    expect(violations([], { 'libs/sip': ['@earshot/units'] })).toEqual([
      'libs/sip/package.json depends on @earshot/units, which nothing in it imports'
    ])
  })

  it.each([
    { file: 'libs/calls/src/x.ts', specifier: '@earshot/sip', dependencies: { 'libs/calls': ['@earshot/sip'] } },
    { file: 'libs/calls/src/x.ts', specifier: './y.ts', dependencies: {} },
    { file: 'libs/calls/src/x.ts', specifier: 'node:zlib', dependencies: {} },
    { file: 'services/monitor/x.ts', specifier: '../pipeline.ts', dependencies: {} },
    { file: 'services/earshot/x.ts', specifier: '../console/api.ts', dependencies: {} },
    { file: 'services/console/web/src/x.tsx', specifier: './y.ts', dependencies: {} }
  ])('and $file may import $specifier', ({ file, specifier, dependencies }) => {
    expect(violations([{ file, specifier }], dependencies)).toEqual([])
  })
})

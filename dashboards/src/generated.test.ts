import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { Ajv, type ValidateFunction } from 'ajv'
import { panelsOf } from './asked.fixture.ts'
import { boards } from './boards.ts'
import { generatedDashboards } from './generated.ts'
import { dashboardSchema, schemaOf } from './schema.fixture.ts'

const folder = join(import.meta.dirname, '../generated/grafana')
const titled = boards.map(board => ({ title: board.title ?? '', board }))

it('the files in dashboards/generated/grafana are as `npm run dashboards` writes them', () => {
  const files = globSync('**/*.{json,yaml}', { cwd: folder })
  expect(Object.fromEntries(files.map(file => [file, readFileSync(join(folder, file), 'utf8')]))).toEqual(
    generatedDashboards()
  )
})

describe.each(titled)('$title', ({ board }) => {
  const panels = panelsOf(board)

  it('has panels with ids, titles and descriptions of their own', () => {
    for (const key of ['id', 'title'] as const) {
      const values = panels.map(panel => panel[key])
      expect(values).toEqual([...new Set(values)])
    }
    for (const { description } of panels) expect(description).toMatch(/^[A-Z0-9].*\.$|^[a-z].*\.$/)
    expect(panels.length).toBe(board.panels?.length)
  })

  it('fills each line of the grid', () => {
    const lines = Map.groupBy(panels, ({ gridPos }) => gridPos?.y)
    for (const line of lines.values()) {
      expect(line.reduce((width, { gridPos }) => width + (gridPos?.w ?? 0), 0)).toBe(24)
      expect(new Set(line.map(({ gridPos }) => gridPos?.h)).size).toBe(1)
    }
  })

  it('names only variables that it has, or that Grafana has', () => {
    const own = (board.templating?.list ?? []).map(({ name }) => name)
    const named = JSON.stringify(board).matchAll(/\$(?:\{(\w+)[^}]*\}|(\w+))/g)
    for (const [, braced, plain] of named) {
      const name = braced ?? plain ?? ''
      expect([...own, '__from', '__to', '__rate_interval', '__range', '__field', '__value', '__all']).toContain(name)
    }
  })
})

describe('the schema of the SDK’s types', () => {
  let dashboard: ValidateFunction
  let kinds: Record<string, ValidateFunction>

  beforeAll(() => {
    dashboard = new Ajv({ strict: false }).compile(dashboardSchema())
    const optionsOf = (kind: string) => new Ajv({ strict: false }).compile(schemaOf(kind, 'Options'))
    kinds = Object.fromEntries(['timeseries', 'stat', 'heatmap', 'table'].map(kind => [kind, optionsOf(kind)]))
  }, 120_000)

  const errorsOf = (validate: ValidateFunction, value: unknown) => {
    validate(JSON.parse(JSON.stringify(value)))
    return validate.errors ?? []
  }

  it.each(titled)('holds for $title', ({ board }) => expect(errorsOf(dashboard, board)).toEqual([]))

  it.each(titled)('holds for the options of each panel of $title', ({ board }) => {
    for (const { type, options } of panelsOf(board)) expect(errorsOf(kinds[type ?? '']!, options)).toEqual([])
  })

  it.each<[string, object]>([
    ['a property that is none', { rows: [] }],
    ['a panel that is none', { panels: [{ type: 'stat', gridPos: 'left' }] }],
    ['a query that is none', { panels: [{ type: 'stat', targets: [{ expression: 'up' }] }] }]
  ])('does not hold with %s', (_, wrong) => {
    expect(errorsOf(dashboard, { ...boards[0], ...wrong })).not.toEqual([])
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { catalogue } from '@earshot/telemetry'
import { parse } from 'yaml'
import { alertCases } from './cases/index.ts'
import { moving, recordingCases } from './cases/recorded.ts'
import { inRepository, prometheusRule, rulesFile, runbooksBelow } from './files.ts'
import { generatedRules } from './generated.ts'
import { alertsOf, ruleGroups } from './index.ts'
import { asShipped, lasting } from './options.ts'
import { recorded } from './recorded.ts'
import { percent, runbookOf } from './rule.ts'
import { text } from '../query.ts'

const root = join(import.meta.dirname, '../../..')
const groups = ruleGroups()
const alerts = alertsOf(groups)
const names = [...new Set(alerts.map(({ alert }) => alert))]
const records = groups.flatMap(({ rules }) => rules.filter(rule => 'record' in rule).map(({ record }) => record))

describe('the rules', () => {
  it('are generated as they stand in the repository: npm run rules', () => {
    for (const [path, content] of Object.entries(generatedRules())) {
      expect(readFileSync(join(root, path), 'utf8')).toBe(content)
    }
  })

  it('have cases, and the cases rules', () => {
    expect(Object.keys(alertCases).sort()).toEqual([...names].sort())
    expect(recordingCases.map(({ record }) => record).sort()).toEqual([...records].sort())
  })

  it.each(names)('%s has a case that raises it and one that does not', name => {
    const raising = (alertCases[name] ?? []).map(({ alerts = [] }) => alerts.length > 0)
    expect(new Set(raising)).toEqual(new Set([true, false]))
  })

  it('have cases of series that Earshot or Prometheus have, with values that their labels can have', () => {
    const series = Object.values(alertCases).flatMap(each => each.flatMap(({ series }) => Object.keys(series)))
    expect([...series, ...Object.keys(moving)].filter(each => !isKnown(each))).toEqual([])
  })

  it('have a runbook each, and each runbook a rule', () => {
    const pages = readdirSync(join(root, 'docs/runbooks')).filter(file => file !== 'README.md')
    expect(pages.sort()).toEqual(names.map(name => `${runbookOf(name)}.md`).sort())
  })

  it.each(names)('the runbook of %s says what it means, what to check first and how to silence it', name => {
    const page = readFileSync(join(root, inRepository(runbookOf(name))), 'utf8')
    expect(page).toMatch(/^# .+\n/)
    expect(page).toMatch(/first three checks/i)
    expect(page).toMatch(/^1\. .*^2\. .*^3\. /ms)
    expect(page).toMatch(/to silence it/i)
  })

  it('have a severity and words in one line each', () => {
    for (const { alert, severity, query, summary, description } of alerts) {
      expect([alert, severity !== undefined || text(query).includes('by(peer, severity)')]).toEqual([alert, true])
      expect(`${summary}${description}`).not.toMatch(/\n/)
    }
  })

  it('record the series that can be queried', () => {
    const { volume, ratio, ratioOfAll, requestDelay, requestDelays, rejections, rejectionRatio, attempts, groups } =
      recorded(asShipped)
    const queries = [
      volume('seizures'),
      ratio('asr'),
      ratioOfAll('ner'),
      requestDelay(),
      requestDelays(),
      rejections(),
      rejectionRatio(),
      attempts(),
      groups()
    ]
    for (const query of queries) expect(records).toContain(text(query))
  })

  it('link to the runbooks of the repository, or below a URL', () => {
    const links = (yaml: string): string[] =>
      [...yaml.matchAll(/runbook_url: (.*)/g)].map(([, link = '']) => link.replaceAll(/["']/g, ''))
    expect(links(rulesFile(groups))).toContain('docs/runbooks/spike.md')
    expect(links(rulesFile(groups, runbooksBelow('https://noc.example/earshot/runbooks')))).toContain(
      'https://noc.example/earshot/runbooks/spike'
    )
  })

  it('are those that the example for Alertmanager names', () => {
    const example = readFileSync(join(root, 'deploy/alertmanager/alertmanager.yml'), 'utf8')
    const named = new Set(example.match(/Earshot[A-Z]\w+/g))
    expect([...named].filter(name => !names.some(each => each === name))).toEqual([])
    expect(named.size).toBeGreaterThan(5)
  })

  it('are the same for the Prometheus Operator', () => {
    const { spec } = parse(prometheusRule(groups)) as { readonly spec: unknown }
    expect(spec).toEqual(parse(rulesFile(groups)))
  })
})

describe('shares', () => {
  it.each([
    { share: 0.25, is: '25 %' },
    { share: 0.29, is: '29 %' },
    { share: 0.001, is: '0.1 %' }
  ])('of $share are $is', ({ share, is }) => {
    expect(percent(share)).toBe(is)
  })
})

describe('lengths of time', () => {
  it.each([
    { pace: 1, minutes: 15, is: '15m' },
    { pace: 1, minutes: 60, is: '1h' },
    { pace: 0.2, minutes: 15, is: '3m' },
    { pace: 1 / 30, minutes: 15, is: '30s' },
    { pace: 0.5, minutes: 1, is: '30s' },
    { pace: 0.1, minutes: 0, is: '0h' }
  ])('$minutes minutes are $is at a pace of $pace', ({ pace, minutes, is }) => {
    expect(lasting({ pace }, minutes)).toBe(is)
  })

  it('are never shortened to nothing', () => {
    expect(() => lasting({ pace: 0.001 }, 1)).toThrow('nothing is left of 1 min')
  })
})

/** Whether there can be such a series. */
function isKnown(series: string): boolean {
  const [, name = '', pairs = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? []
  if (name === 'up') return true
  const metric = Object.values(catalogue).find(
    each => name === each.name || (each.kind === 'histogram' && name.replace(/_(bucket|count|sum)$/, '') === each.name)
  )
  const labels = [...pairs.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value] as const)
  return (
    metric !== undefined &&
    labels.every(([label, value]) => {
      const known: readonly string[] = [...metric.labels, 'job', 'instance', 'le']
      const values: readonly string[] | undefined = (metric.values as Readonly<Record<string, readonly string[]>>)[
        label
      ]
      return known.includes(label) && (values === undefined || values.includes(value))
    })
  )
}

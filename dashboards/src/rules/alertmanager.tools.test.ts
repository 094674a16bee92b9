import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from '@jest/globals'
import { describeWith } from '../../../test/describe-tools.ts'

const example = join(import.meta.dirname, '../../../deploy/alertmanager')

describeWith('amtool')('the example for Alertmanager', () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-amtool-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const amtool = (...args: readonly string[]): string => {
    const { status, stdout, stderr, error } = spawnSync('amtool', args, { encoding: 'utf8' })
    if (error) throw error
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    return stdout.trim()
  }

  it('is one that Alertmanager takes', () => {
    expect(amtool('check-config', join(example, 'alertmanager.yml'))).toMatch('SUCCESS')
  })

  it.each([
    { labels: 'area=pipeline severity=critical', told: 'platform' },
    { labels: 'area=peers severity=warning', told: 'noc' },
    { labels: 'area=peers severity=warning group=Wholesale', told: 'wholesale,noc' },
    { labels: 'area=capacity severity=warning group=Wholesale', told: 'wholesale,planning' },
    { labels: 'area=capacity severity=critical', told: 'noc' },
    { labels: 'kind=spike severity=warning', told: 'noc' }
  ])('tells $told of $labels', ({ labels, told }) => {
    const file = `--config.file=${join(example, 'alertmanager.yml')}`
    expect(amtool('config', 'routes', 'test', file, 'service=earshot', ...labels.split(' '))).toBe(told)
  })

  it('writes what is wrong, since when and what to do', () => {
    const data = join(folder, 'data.json')
    const labels = { alertname: 'EarshotSpike', peer: 'far', group: 'Wholesale', severity: 'critical' }
    const annotations = { summary: 'far has more', description: '1 alert', runbook_url: 'http://page/runbooks/spike' }
    const alert = { status: 'firing', labels, annotations, startsAt: '2026-01-01T00:00:00Z' }
    const resolved = { ...alert, status: 'resolved', annotations: { summary: 'it was more' } }
    const alerts = [alert, { ...resolved, endsAt: '2026-01-01T00:10:00Z' }]
    writeFileSync(data, JSON.stringify({ status: 'firing', alerts, commonLabels: labels }))
    const written = (template: string): string =>
      amtool(
        'template',
        'render',
        `--template.glob=${join(example, 'earshot.tmpl')}`,
        `--template.data=${data}`,
        `--template.text={{ template "${template}" . }}`
      )
    expect(written('earshot.subject')).toBe('[FIRING 1] far (Wholesale): EarshotSpike')
    expect(written('earshot.text').split('\n')).toEqual([
      'CRITICAL since 2026-01-01 00:00:00 UTC: far has more',
      '1 alert',
      'What to do: http://page/runbooks/spike',
      '',
      'over since 2026-01-01 00:10:00 UTC: it was more'
    ])
  })
})

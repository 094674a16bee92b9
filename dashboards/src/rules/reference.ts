import { alertsOf } from './index.ts'
import { defaultThresholds } from './options.ts'
import { runbookOf, type AlertRule, type Area, type RuleGroup } from './rule.ts'

const areas: Readonly<Record<Area, string>> = {
  peers: 'Peers',
  capacity: 'Capacity',
  pipeline: 'Earshot itself'
}

/** What people look up: every alert, every series that is recorded, every threshold. */
export function rulesReference(groups: readonly RuleGroup[]): string {
  const alerts = alertsOf(groups)
  const records = groups.flatMap(({ rules }) => rules.filter(rule => 'record' in rule).map(({ record }) => record))
  return [
    '# Rules for Prometheus',
    'Made by `npm run rules`. How to load them, and to change what they go by: [prometheus.md](prometheus.md).',
    '## Alerts',
    ...(Object.keys(areas) as Area[]).flatMap(area => [
      `### ${areas[area]}`,
      alerts
        .filter(each => each.area === area)
        .map(line)
        .join('\n')
    ]),
    '## Thresholds',
    Object.entries(defaultThresholds)
      .map(([name, value]) => `- \`${name}=${value}\``)
      .join('\n'),
    '## Recorded series',
    records.map(record => `- \`${record}\``).join('\n')
  ]
    .map(paragraph => `${paragraph}\n`)
    .join('\n')
}

const line = (rule: AlertRule): string =>
  `- [\`${rule.alert}\`](runbooks/${runbookOf(rule.alert)}.md), ${rule.severity ?? 'as the monitor says'}${rule.for === '0s' ? '' : `, after ${rule.for}`}: ${plain(rule.summary)}`

/** Without the templates of Prometheus. */
const plain = (text: string): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => label.toUpperCase())

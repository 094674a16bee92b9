import type { AlertCases } from './case.ts'

const active = (kind: string, severity = 'warning', peer = 'far'): string =>
  `earshot_alerts_active{kind="${kind}",peer="${peer}",severity="${severity}"}`
const silenced = (kind: string): string => `earshot_alerts_silenced{kind="${kind}",peer="far",severity="warning"}`
const regressed = (method: string, peer = 'far'): string =>
  `earshot_method_regressed{peer="${peer}",method="${method}"}`

const found = (kind: string, what: string): AlertCases[string] => [
  {
    name: 'it lasts, in two processes',
    series: {
      [active(kind).replace('}', ',instance="a"}')]: '1x3',
      [active(kind).replace('}', ',instance="b"}')]: '1x3'
    },
    at: '1m',
    alerts: [{ labels: { peer: 'far', severity: 'warning' }, ...words(kind, what, 2, 'warning') }]
  },
  {
    name: 'it is critical, and the registry has the peer in a group',
    series: { [active(kind, 'critical')]: '1x3', 'earshot_peer_info{peer="far",group="Wholesale"}': '1x3' },
    at: '1m',
    alerts: [{ labels: { peer: 'far', group: 'Wholesale', severity: 'critical' }, ...words(kind, what, 1, 'critical') }]
  },
  { name: 'it is silenced', series: { [active(kind)]: '2x3', [silenced(kind)]: '2x3' }, at: '1m' },
  { name: 'it is over', series: { [active(kind)]: '1 1 stale' }, at: '2m' },
  { name: 'another kind lasts', series: { [active(kind === 'spike' ? 'drop' : 'spike')]: '1x3' }, at: '1m' }
]

const words = (kind: string, what: string, count: number, severity: string) => ({
  summary: `far ${what}`,
  description: `${count} ${severity} alert(s) of kind ${kind} last at far. Of what, since when and how improbable by chance: /api/alerts, or the page.`
})

const rejects = (method: string) => ({
  summary: `far rejects ${method}, which it took`,
  description: `far answers ${method} with 501 or 405 since lately, at least half of what is tried. Since when, which calls and what its Allow lists: /api/alerts, or the page.`
})

export const detectedCases: AlertCases = {
  EarshotMethodRegression: [
    {
      name: 'two methods, each as grave as it is',
      series: {
        [active('method_regression', 'critical')]: '1x3',
        [active('method_regression', 'warning')]: '1x3',
        [regressed('UPDATE')]: '1x3',
        [regressed('REFER')]: '1x3'
      },
      at: '1m',
      alerts: [
        { labels: { peer: 'far', method: 'UPDATE', severity: 'critical' }, ...rejects('UPDATE') },
        { labels: { peer: 'far', method: 'REFER', severity: 'warning' }, ...rejects('REFER') }
      ]
    },
    {
      name: 'it is silenced',
      series: {
        [active('method_regression')]: '1x3',
        [silenced('method_regression')]: '1x3',
        [regressed('INFO')]: '1x3'
      },
      at: '1m'
    },
    {
      name: 'it is of another peer',
      series: { [active('method_regression', 'critical')]: '1x3', [regressed('UPDATE', 'near')]: '1x3' },
      at: '1m'
    }
  ],
  EarshotAllowDrop: found('allow_drop', 'lists a method no more in its Allow that it listed'),
  EarshotSpike: found('spike', 'has more of something than is usual at this hour'),
  EarshotDrop: found('drop', 'has less of something than is usual at this hour'),
  EarshotAbsence: found('absence', 'has nothing at all of something that was steady'),
  EarshotHeadroom: found('headroom', 'uses most of what it has contracted, or more')
}

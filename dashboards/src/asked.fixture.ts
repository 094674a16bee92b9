import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'

/** What Grafana asks Prometheus for a panel. */
export type Asked = {
  readonly panel: string
  readonly legend: string
  readonly instant: boolean
  readonly expression: string
}

/** Everything that a dashboard asks for its panels, as Grafana does when all is chosen. */
export const askedBy = (board: Dashboard, values: Readonly<Record<string, string>> = {}): Asked[] =>
  panelsOf(board).flatMap(({ title = '', targets = [] }) =>
    (targets as readonly Partial<Dataquery>[]).map(({ expr = '', legendFormat = '', instant = false }) => ({
      panel: title,
      legend: legendFormat,
      instant,
      expression: filled(expr, values)
    }))
  )

/** The queries of its annotations. */
export const annotationsOf = ({ annotations }: Dashboard, values: Readonly<Record<string, string>> = {}): string[] =>
  (annotations?.list ?? []).flatMap(({ expr }) => (expr === undefined ? [] : [filled(expr, values)]))

export const panelsOf = ({ panels = [] }: Dashboard): Panel[] => panels.filter(panel => 'gridPos' in panel) as Panel[]

const all = { group: '.*', peer: '.*', method: '.*', __rate_interval: '5m', __range: '1h' }

function filled(expression: string, values: Readonly<Record<string, string>>): string {
  return expression.replaceAll(/\$(\w+)/g, (_, name: string) => {
    const value = { ...all, ...values }[name]
    if (value === undefined) throw new Error(`nothing fills $${name} in ${expression}`)
    return value
  })
}

import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard
} from '@grafana/grafana-foundation-sdk/dashboard'
import { catalogue } from '@earshot/telemetry'
import type { PanelBuilder } from './panel.ts'
import { compare, max, sum, text, type AnyQuery, type Query } from './query.ts'
import { firing, matching, select } from './selection.ts'
import { ofPeer } from './scope.ts'

type Plan = {
  /** Part of its address, for ever. */
  readonly uid: `earshot-${string}`
  readonly title: string
  readonly description: string
  readonly variables: readonly Variable[]
  /** From left to right and top to bottom; each line is 24 columns wide. */
  readonly panels: readonly PanelBuilder[]
}

type Variable = 'group' | 'peer' | 'method'

/** A dashboard with what all of them have: variables, annotations of alerts, links to each other and the console. */
export function board({ uid, title, description, variables, panels }: Plan): Dashboard {
  const built = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['earshot'])
    .timezone('browser')
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .link(
      new DashboardLinkBuilder('Earshot')
        .type(DashboardLinkType.Dashboards)
        .tags(['earshot'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true)
    )
    .link(
      new DashboardLinkBuilder('Console')
        .type(DashboardLinkType.Link)
        .icon('external link')
        .url('${console}')
        .targetBlank(true)
    )
  for (const variable of variables) built.withVariable(queryVariables[variable]())
  built.withVariable(
    new TextBoxVariableBuilder('console')
      .label('Console')
      .description('Where a browser finds Earshot’s console: links to the pages of peers lead there.')
      .defaultValue('http://127.0.0.1:8080')
  )
  for (const annotation of annotations(variables.includes('peer'))) built.annotation(annotation)
  for (const panel of panels) built.withPanel(panel)
  return built.build()
}

const queryVariables = {
  group: () => valuesVariable('group', 'Group', select(catalogue.peerInfo)),
  peer: () => valuesVariable('peer', 'Peer', select(catalogue.peerInfo, { group: matching('$group') })),
  method: () => valuesVariable('method', 'Method', select(catalogue.rejections, ofPeer))
}

/** All is any value: a list of thousands of peers would be too long for a query. */
const valuesVariable = <const Label extends string>(
  name: Variable & Label,
  label: string,
  series: Query<Label>
): QueryVariableBuilder => {
  const query = `label_values(${text(series)}, ${name})`
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' })
}

/** Alerts that last as Earshot tells them, and as Prometheus’ own rules do. */
function annotations(ofChosen: boolean): AnnotationQueryBuilder[] {
  const told = sum(select(catalogue.alertsActive, ofChosen ? ofPeer : {}), ['kind', 'peer', 'severity'])
  const ruled = select(firing, { alertstate: 'firing', alertname: matching('Earshot.*') })
  return [
    annotation('Alerts', compare(told, '>', 0))
      .iconColor('red')
      .titleFormat('{{kind}}'),
    annotation('Alerts of rules', max(ruled, ['alertname', 'peer', 'severity']))
      .iconColor('orange')
      .titleFormat('{{alertname}}')
  ]
}

const annotation = (name: string, query: AnyQuery): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(datasource)
    .enable(true)
    .expr(text(query))
    .step('30s')
    .tagKeys('severity')
    .textFormat('{{peer}}')

const datasource = { type: 'prometheus', uid: '${datasource}' }

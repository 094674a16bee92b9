import { stringify } from 'yaml'
import { boards } from './boards.ts'

/** The files that Grafana and Kubernetes are given, by their paths below `generated/grafana`. */
export function generatedDashboards(): Record<string, string> {
  const texts = boards.map(board => [`${board.uid}.json`, `${JSON.stringify(board, undefined, 2)}\n`] as const)
  const configMaps = texts.map(([file, text]) => [
    `configmaps/${file.replace('.json', '.yaml')}`,
    configMap(file, text)
  ])
  return Object.fromEntries([...texts, ...configMaps]) as Record<string, string>
}

/** As Grafana's sidecar finds it: by the label, in any namespace that it looks at. */
const configMap = (file: string, text: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: file.replace('.json', ''),
      labels: { grafana_dashboard: '1', 'app.kubernetes.io/name': 'earshot' },
      annotations: { grafana_folder: 'Earshot' }
    },
    data: { [file]: text }
  })

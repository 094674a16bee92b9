import { stringify } from 'yaml'
import { described, type Described } from './schema.ts'
import { givenByChart } from './values.ts'

/** The text of values.yaml: every value with its default, and what it is. */
export const defaultValues = (): string =>
  `# Made by \`npm run chart\` from deploy/helm/values.ts, like the schema that refuses wrong ones.\n${lines(described, '')}`

function lines({ properties = {} }: Described, indent: string): string {
  return Object.entries(properties)
    .map(([key, value]) => {
      const about = value.description === undefined ? '' : `${indent}# ${value.description}\n`
      if (key === 'config') return `${about}${key}: {}\n`
      if (value.properties !== undefined) return `${about}${indent}${key}:\n${lines(value, `${indent}  `)}`
      return `${about}${indented(stringify({ [key]: value.default }, { lineWidth: 0, singleQuote: true }), indent)}`
    })
    .join('')
}

const indented = (text: string, indent: string): string => text.replaceAll(/^(?=.)/gm, indent)

/** The text of the chart's README. */
export const valuesReference = (): string => `# Earshot on Kubernetes

\`\`\`sh
npm run image                      # localhost/earshot:VERSION; push it to where the cluster pulls from
helm install earshot deploy/helm/earshot --set image.repository=REGISTRY/earshot              # one pod
helm install earshot deploy/helm/earshot --set image.repository=REGISTRY/earshot \\
  --set profile=pipeline --set config.kafka.brokers=kafka-bootstrap:9092                      # each role, over Kafka
\`\`\`

Two profiles: \`single\` is one pod with a volume that needs nothing else; \`pipeline\` has a workload for each role, over a
Kafka that is there. What each figure of a cluster means for them: docs/operations.md. What they cost: docs/scaling.md.

- Secrets are given by reference only. Values hold none, so that a release can be read by everybody who reads the cluster.
- A change of \`config\` replaces the pods one by one; a change of the registry or of a Secret's file does not: the processes
  read these again by themselves, about a minute after the cluster has them.
- \`config\` is the file of docs/configuration.md. Not in it, because values below or the chart itself give them: settings of
  files and passwords, ${givenByChart.map(name => `\`${name}\``).join(', ')}. Without \`config.http.host\` it is \`::\`.

This file is made from deploy/helm/values.ts by \`npm run chart\`.

| value | default | |
| --- | --- | --- |
${rows(described, []).join('\n')}
`

function rows({ properties = {} }: Described, path: readonly string[]): string[] {
  return Object.entries(properties).flatMap(([key, value]) => {
    const name = [...path, key]
    if (value.properties !== undefined && key !== 'config') return rows(value, name)
    const what = [value.description, value.enum && `One of ${value.enum.join(', ')}`].filter(Boolean).join('. ')
    return [`| \`${name.join('.')}\` | \`${JSON.stringify(value.default)}\` | ${what.replaceAll('|', '\\|')} |`]
  })
}

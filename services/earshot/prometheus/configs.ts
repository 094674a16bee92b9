import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../../..')
const example = join(root, 'deploy/alertmanager/alertmanager.yml')

/** The rules, with durations that suit a demo. */
const rules = join(root, 'dashboards/generated/demo/rules.yaml')

const EVERY = '5s'

/** JSON is YAML. */
export const prometheusConfig = (parts: { readonly scraped: string; readonly alertmanager: string }): string =>
  JSON.stringify({
    global: { scrape_interval: EVERY, evaluation_interval: EVERY },
    rule_files: [rules],
    scrape_configs: [{ job_name: 'earshot', static_configs: [{ targets: [parts.scraped] }] }],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [parts.alertmanager] }] }] }
  })

type AlertmanagerConfig = {
  readonly receivers: readonly { readonly name: string }[]
  readonly templates?: readonly string[]
}

/** Routes and inhibitions of the example that people start from, but receivers that tell nobody. */
export async function alertmanagerConfig(): Promise<string> {
  const { receivers, templates = [], ...rest } = parse(await readFile(example, 'utf8')) as AlertmanagerConfig
  return JSON.stringify({
    ...rest,
    templates: templates.map(file => join(dirname(example), file)),
    receivers: receivers.map(({ name }) => ({ name }))
  })
}

import { type Setting, settings } from './setting.ts'

/** An option as commander's `option(flags, description)` takes it. */
export type ConfigFlag = { readonly flags: string; readonly description: string }

/**
 * The options of the command line. The default is in the description only: given to commander as one, it would win over
 * the environment and the file.
 */
export function configFlags(): ConfigFlag[] {
  return [
    { flags: '--config <file>', description: 'YAML file with settings (EARSHOT_CONFIG)' },
    ...settings.map(setting => ({
      flags: setting.type === 'boolean' ? setting.flag : `${setting.flag} <${argument(setting)}>`,
      description: `${setting.description} (${setting.env}, default ${defaultText(setting)})`
    }))
  ]
}

/** The text of docs/configuration.md. */
export function configReference(): string {
  return `# Configuration

Each setting is taken from the first of these that gives it: the flag, the environment variable, the YAML file that
\`--config\` or \`EARSHOT_CONFIG\` names, the default. An empty environment variable counts as none. Unknown settings are
refused, in the file as in the environment.

\`\`\`yaml
# earshot.yaml
hep:
  udpPort: 9060
http:
  port: 8080
dataDir: /var/lib/earshot
\`\`\`

This file is made from the schema in libs/runtime.

${settings.map(entry).join('\n\n')}
`
}

const entry = (setting: Setting): string =>
  [
    `## \`${setting.name}\``,
    `${setting.description}. Write ${setting.expected}.`,
    [
      `- Flag: \`${setting.flag}\``,
      `- Environment: \`${setting.env}\``,
      `- Default: ${setting.default === undefined ? 'none' : `\`${defaultText(setting)}\``}`
    ].join('\n')
  ].join('\n\n')

function argument({ type, expected }: Setting): string {
  if (type === 'number') return 'number'
  return expected.startsWith('one of ') ? expected.slice('one of '.length).replaceAll(', ', '|') : 'text'
}

const defaultText = (setting: Setting): string =>
  setting.default === undefined ? 'none' : JSON.stringify(setting.default).replaceAll('"', '')

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chart } from '../../deploy/helm/chart.ts'
import { parseAllDocuments, stringify } from 'yaml'

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** An object of Kubernetes, as far as the tests read it. */
export type Manifest = {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: { readonly template?: { readonly spec: PodSpec }; readonly [field: string]: unknown }
}

export type PodSpec = {
  readonly terminationGracePeriodSeconds?: number
  readonly containers: readonly {
    readonly args: readonly string[]
    readonly env: readonly { readonly name: string; readonly value?: string }[]
    readonly resources: { readonly requests: object; readonly limits: object }
  }[]
}

/** The tools that deploy/helm/tools.sh fetches, run on the chart. */
export class ChartTools {
  /** Where they are, with the custom resources in crds/. */
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** @throws Error with what is missing */
  static fetch(): ChartTools {
    const { status, stdout, stderr } = ran(fileURLToPath(new URL('../../deploy/helm/tools.sh', import.meta.url)), [])
    if (status !== 0) throw new Error(`The tools for the chart are not there: ${stderr}`)
    return new ChartTools(stdout.trim())
  }

  lint(values: object): Ran {
    return this.helm(['lint', '--strict', chart, '--values', '-'], values)
  }

  template(values: object): Ran {
    return this.helm(['template', 'tried', chart, '--namespace', 'telecom', '--values', '-'], values)
  }

  helm(args: readonly string[], values: object = {}): Ran {
    return ran(join(this.folder, 'helm'), args, stringify(values))
  }

  /** Whether each manifest is one that a version of Kubernetes knows, without any property that it does not. */
  kubeconform(version: string, manifests: string): Ran {
    const schemas = join(this.folder, 'schemas', version, '{{.ResourceKind}}{{.KindSuffix}}.json')
    return ran(join(this.folder, 'kubeconform'), ['-strict', '-schema-location', schemas, '-'], manifests)
  }

  kubeScore(ignored: readonly string[], manifests: string): Ran {
    const flags = ignored.flatMap(test => ['--ignore-test', test])
    return ran(join(this.folder, 'kube-score'), ['score', ...flags, '--output-format', 'ci', '-'], manifests)
  }
}

export const manifestsIn = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map(document => document.toJS() as Manifest | null)
    .filter(each => each !== null)

function ran(program: string, args: readonly string[], input = ''): Ran {
  const { error, status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 64 << 20 })
  if (error) throw error
  return { status, stdout, stderr }
}

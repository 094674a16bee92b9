import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { loadConfig, type Config } from '@earshot/runtime'
import { roles } from '../../services/earshot/instance.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { ChartTools, manifestsIn, type Manifest, type PodSpec } from './helm.ts'
import { pipeline, shapes } from './shapes.ts'

const folder = temporaryFolder()
const timeout = 60_000

/** Findings of kube-score that hold and are wanted so; those of one object stand with it in the templates. */
const wanted: Readonly<Record<string, string>> = {
  'container-resources': 'No limit of CPU: who is throttled does not read its sockets, and UDP is lost',
  'container-image-pull-policy':
    'IfNotPresent, for images have versions; a node without the registry can still start one'
}

let tools: ChartTools
beforeAll(() => {
  tools = ChartTools.fetch()
}, 600_000)

describe.each(shapes)('the chart as $name', ({ values, findings = [] }) => {
  let manifests: string
  beforeAll(() => {
    const { status, stdout, stderr } = tools.template(values)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    manifests = stdout
  }, timeout)

  it(
    'passes helm lint',
    () => {
      expect(tools.lint(values)).toMatchObject({ status: 0 })
    },
    timeout
  )

  it.each(['1.30', '1.35'])(
    'has objects that Kubernetes %s and the custom resources know',
    version => {
      expect(tools.kubeconform(version, manifests)).toEqual({ status: 0, stdout: '', stderr: '' })
    },
    timeout
  )

  it(
    'has no finding of kube-score that is not explained',
    () => {
      const { stdout } = tools.kubeScore(Object.keys(wanted), manifests)
      const found = stdout.split('\n').filter(line => /^\[(CRITICAL|WARNING)\]/.test(line))
      expect(found.filter(line => !findings.some(finding => finding.test(line)))).toEqual([])
      for (const finding of findings) expect(found).toContainEqual(expect.stringMatching(finding))
    },
    timeout
  )

  it('gives every process settings that it knows, and a command', () => {
    const all = manifestsIn(manifests)
    const configs = all.filter(({ data }) => data?.['earshot.yaml'] !== undefined)
    for (const { args, config } of podsIn(all).map(pod => settingsOf(pod, configs[0]!))) {
      expect(['up', 'topics', ...roles]).toContain(args.join(' '))
      expect(config.http.host).toBe('::')
    }
  })

  it('gives every container requests, and limits of everything else than CPU', () => {
    for (const { containers } of podsIn(manifestsIn(manifests))) {
      for (const { resources } of containers) {
        expect(Object.keys(resources.requests).toSorted()).toEqual(['cpu', 'ephemeral-storage', 'memory'])
        expect(Object.keys(resources.limits).toSorted()).toEqual(['ephemeral-storage', 'memory'])
      }
    }
  })
})

it.each([
  { runbooks: '', spike: 'docs/runbooks/spike.md' },
  { runbooks: 'https://noc.example/runbooks', spike: 'https://noc.example/runbooks/spike' }
])('the rules link to the runbooks below "$runbooks"', ({ runbooks, spike }) => {
  const { stdout } = tools.template({ prometheusRule: { enabled: true, runbooks } })
  const links = [...stdout.matchAll(/runbook_url: (\S+)/g)].map(([, link]) => link)
  expect(links).toContain(spike)
  expect(links.filter(link => link?.startsWith('docs/') !== (runbooks === ''))).toEqual([])
})

describe('values that are wrong are refused, and the message says which', () => {
  it.each([
    { name: 'a profile that there is not', values: { profile: 'cluster' }, message: /\/profile.*'single', 'pipeline'/ },
    { name: 'a pipeline without Kafka', values: { profile: 'pipeline' }, message: /\/config.*'kafka'/ },
    {
      name: 'brokers without ports',
      values: { config: { kafka: { brokers: 'kafka' } } },
      message: /\/config\/kafka\/brokers/
    },
    {
      name: 'a setting that there is not',
      values: { config: { hep: { tcpPrt: 9060 } } },
      message: /\/config\/hep.*'tcpPrt'/
    },
    { name: 'a password', values: { config: { kafka: { password: 'x' } } }, message: /\/config\/kafka.*'password'/ },
    { name: 'a file', values: { config: { peersFile: '/peers.yaml' } }, message: /\/config.*'peersFile'/ },
    {
      name: 'a port that a user may not open',
      values: { config: { hep: { udpPort: 514 } } },
      message: /\/config\/hep\/udpPort/
    },
    { name: 'a text for a number', values: { config: { maxPeers: 'many' } }, message: /\/config\/maxPeers.*integer/ },
    { name: 'a value that there is not', values: { replicas: 3 }, message: /'replicas'/ },
    { name: 'no replica', values: { correlator: { replicas: 0 } }, message: /\/correlator\/replicas/ },
    {
      name: 'a DaemonSet that scales',
      values: { ...pipeline, collector: { kind: 'DaemonSet', autoscaling: { enabled: true } } },
      message: /\/collector\/autoscaling\/enabled/
    },
    {
      name: 'a StatefulSet on the network of nodes, whose pods would want the same ports',
      values: { ...pipeline, hostNetwork: true },
      message: /\/collector\/kind.*'DaemonSet'/
    },
    {
      name: 'agents verified without TLS',
      values: { hep: { tls: { verifiesAgents: true } } },
      message: /\/hep\/tls\/secret/
    },
    {
      name: 'a login without a password',
      values: { ...pipeline, config: { kafka: { ...pipeline.config.kafka, username: 'earshot' } } },
      message: /\/kafka\/password\/secret/
    },
    { name: 'a digest that is none', values: { image: { digest: 'latest' } }, message: /\/image\/digest/ }
  ])(
    '$name',
    ({ values, message }) => {
      const { status, stderr } = tools.template(values)
      expect(status).toBe(1)
      expect(stderr).toMatch(message)
    },
    timeout
  )
})

const podsIn = (manifests: readonly Manifest[]): PodSpec[] =>
  manifests.flatMap(({ spec }) => (spec?.template === undefined ? [] : [spec.template.spec]))

/** The settings that the process of a pod has, by the file and the environment that it is given. */
function settingsOf(
  { containers: [container] }: PodSpec,
  { data }: Manifest
): { args: readonly string[]; config: Config } {
  const { args, env } = container!
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'earshot.yaml')
  writeFileSync(file, data!['earshot.yaml']!)
  const given = env.map(({ name, value = 'from-the-pod' }) => [name, name === 'EARSHOT_CONFIG' ? file : value])
  return { args, config: loadConfig({ flags: {}, env: Object.fromEntries(given) as Record<string, string> }) }
}

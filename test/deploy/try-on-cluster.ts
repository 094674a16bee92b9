import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { chart } from '../../deploy/helm/chart.ts'
import { earshot, type Live } from '../earshot.ts'
import { sendInTime } from '../faults/agent.ts'
import { sameLive } from '../figures.ts'
import { trafficNow } from '../faults/traffic.ts'
import { ChartTools } from './helm.ts'
import { pipeline, shapes } from './shapes.ts'

/*
 * Tries the chart on a real cluster, the one of KUBECONFIG, in a namespace that it makes and deletes: every shape by a dry
 * run of the server, against its restricted pod security; install, upgrade and rollback; and the single profile for real, on
 * the network of its node, with traffic, through kill -9, a rollout and a change of the registry.
 *
 *   npm run chart:try -- --folder /var/lib/earshot-try    a folder of the node that user 10001 may write; without one a claim
 *
 * The node is to have the image (--image) and be reachable at --address; for kill -9 it has to be this machine.
 */
const { values: options } = parseArgs({
  options: {
    image: { type: 'string', default: 'localhost/earshot' },
    address: { type: 'string', default: '127.0.0.1' },
    folder: { type: 'string' },
    'hep-port': { type: 'string', default: '19060' },
    'http-port': { type: 'string', default: '18080' }
  }
})
const namespace = `earshot-try-${process.pid}`
const tools = ChartTools.fetch()
const [hepPort, httpPort] = [Number(options['hep-port']), Number(options['http-port'])]
const url = `http://${options.address}:${httpPort}`
const pod = 'one-earshot-single-0'

const registry = (...names: string[]) => ({
  peers: names.map((name, index) => ({ name, members: [`2001:db8:ffff::${index + 1}`] }))
})

const single = (more: object) => ({
  profile: 'single',
  hostNetwork: true,
  image: { repository: options.image, pullPolicy: 'Never' },
  config: { hep: { udpPort: hepPort, tcpPort: hepPort }, http: { port: httpPort } },
  hep: { service: { type: 'ClusterIP' } },
  console: { tokens: { secret: 'tokens' } },
  single: {
    ...(options.folder !== undefined && { volume: { hostPath: options.folder } }),
    resources: { requests: { cpu: '100m', memory: '256Mi' } }
  },
  ...more
})

tell(`in ${namespace} of ${kubectl('config', 'current-context').trim()}`)
kubectl('create', 'namespace', namespace)
kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/warn=restricted')
try {
  for (const file of globSync(`${tools.folder}/crds/*.yaml`)) kubectl('apply', '--server-side', '-f', file)
  await check('the server takes every shape (dry run)', dryRuns)
  await check('the pipeline is installed, upgraded, rolled back and removed', releases)
  await check('the single profile runs', runSingle)
} finally {
  tools.helm(['uninstall', 'one', '-n', namespace, '--wait'])
  kubectl('delete', 'namespace', namespace, '--wait', '--timeout', '120s')
}

async function dryRuns(): Promise<void> {
  for (const { name, values } of shapes) {
    const { status, stdout, stderr } = tools.template(values)
    if (status !== 0) throw new Error(`${name}: ${stderr}`)
    const manifests = stdout.replaceAll(/^( *)namespace: telecom$/gm, `$1namespace: ${namespace}`)
    const warned = kubectlWith(manifests, 'apply', '--dry-run=server', '-n', namespace, '-f', '-')
    // Ports, network and folders of the node are what these shapes ask for.
    const refused = /violate PodSecurity[^\n]*/.exec(warned)?.[0]
    if (refused !== undefined && !/its node|on nodes|of nodes/.test(name)) throw new Error(`${name}: ${refused}`)
  }
}

/** Its pods need a Kafka and are not waited for. */
async function releases(): Promise<void> {
  const values = { ...pipeline, topicsJob: false, serviceMonitor: { enabled: true } }
  helm('install', 'many', values)
  helm('upgrade', 'many', { ...values, correlator: { replicas: 3, keda: { enabled: false } } })
  const replicas = (): string =>
    kubectl('get', 'deployment', 'many-earshot-correlator', '-n', namespace, '-o', 'jsonpath={.spec.replicas}')
  if (replicas() !== '3') throw new Error(`${replicas()} replicas after the upgrade`)
  must(tools.helm(['rollback', 'many', '1', '-n', namespace]))
  if (replicas() !== '2') throw new Error(`${replicas()} replicas after the rollback`)
  must(tools.helm(['uninstall', 'many', '-n', namespace]))
}

async function runSingle(): Promise<void> {
  const { stdout } = await earshot('token', 'try')
  const [token = '', line = ''] = stdout.split('\n')
  kubectl('create', 'secret', 'generic', 'tokens', '-n', namespace, `--from-literal=tokens=${line}`)

  let since = Date.now()
  helm('install', 'one', single({ peers: { registry: registry('first') } }), '--wait', '--timeout', '120s')
  tell(`  ready after ${Date.now() - since} ms`)
  const { packets, summary } = trafficNow({ seed: 7, trafficSeconds: 20, attemptsPerSecond: 20 })
  await sendInTime(packets, [hepPort])
  const expected = { calls: summary.calls, peers: sameLive(summary.peers) }
  await figuresAre(expected, token)
  tell(`  ${packets.length} packets, ${summary.calls} calls: the figures of analyze`)

  since = Date.now()
  killInPod()
  await sleep(1000)
  await figuresAre(expected, token)
  tell(`  killed -9: the same figures after ${Date.now() - since} ms`)

  since = Date.now()
  kubectl('rollout', 'restart', 'statefulset/one-earshot-single', '-n', namespace)
  kubectl('rollout', 'status', 'statefulset/one-earshot-single', '-n', namespace, '--timeout', '120s')
  await figuresAre(expected, token)
  tell(`  rolled out: the same figures after ${Date.now() - since} ms`)

  since = Date.now()
  helm('upgrade', 'one', single({ peers: { registry: registry('first', 'second') } }), '--wait', '--timeout', '120s')
  const reloaded = (): boolean => /"peers":2.*peer registry loaded/.test(kubectl('logs', pod, '-n', namespace))
  await until(reloaded, 180_000, 'the registry is not read again')
  const restarts = kubectl(
    'get',
    'pod',
    pod,
    '-n',
    namespace,
    '-o',
    'jsonpath={.status.containerStatuses[0].restartCount}'
  )
  tell(`  the changed registry is in force after ${Date.now() - since} ms, restarts of the pod ${restarts}`)

  must(tools.helm(['rollback', 'one', '1', '-n', namespace, '--wait', '--timeout', '120s']))
  await figuresAre(expected, token)
  tell('  rolled back: the same figures')
}

async function figuresAre(expected: object, token: string): Promise<void> {
  let last: unknown
  const same = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/api/peers`, { headers: { authorization: `Bearer ${token}` } }).catch(
      () => undefined
    )
    if (answer?.status !== 200) return false
    const { calls, peers } = (await answer.json()) as Live
    last = { calls, peers: sameLive(peers) }
    return isDeepStrictEqual(last, expected)
  }
  await until(same, 60_000, 'the figures are others').catch((error: unknown) => {
    tell(JSON.stringify({ expected, last }, null, 1))
    throw error
  })
}

/** The image has nothing to kill with, and no process can kill the first one of its own container. */
function killInPod(): void {
  const pids = globSync('/proc/[0-9]*/cmdline').filter(file =>
    read(file).startsWith('/usr/bin/node\0/earshot/services/earshot/earshot.js\0up')
  )
  if (pids.length !== 1)
    throw new Error(`${pids.length} processes are that of the pod: the node has to be this machine`)
  process.kill(Number(pids[0]!.split('/')[2]), 'SIGKILL')
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // It has ended meanwhile.
  }
}

function helm(verb: 'install' | 'upgrade', release: string, values: object, ...flags: readonly string[]): void {
  must(tools.helm([verb, release, chart, '-n', namespace, '--values', '-', ...flags], values))
}

function must({ status, stdout, stderr }: ReturnType<ChartTools['helm']>): string {
  if (status !== 0) throw new Error(stderr)
  return stdout
}

function kubectl(...args: readonly string[]): string {
  return execFileSync(`${tools.folder}/kubectl`, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/** What the server warned of. */
function kubectlWith(input: string, ...args: readonly string[]): string {
  const { status, stderr } = spawnSync(`${tools.folder}/kubectl`, args, { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stderr
}

async function until(holds: () => boolean | Promise<boolean>, deadlineMs: number, otherwise: string): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(otherwise)
    await sleep(500)
  }
}

async function check(what: string, does: () => Promise<void>): Promise<void> {
  const since = performance.now()
  await does()
  tell(`${what} (${((performance.now() - since) / 1e3).toFixed(1)} s)`)
}

function tell(line: string): void {
  console.log(line)
}

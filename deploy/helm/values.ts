import { Config } from '@earshot/runtime'
import { z } from 'zod'

/** Settings that templates give themselves: where things are mounted, and what differs from pod to pod. */
export const givenByChart: readonly string[] = ['hep.collectorName', 'dataDir', 'memory']

/** Settings that name a file, or hold a secret, are given by values that name a Secret or a ConfigMap. */
export const isByReference = (name: string): boolean => /File$|[pP]assword$/.test(name)

const name = (what: string) => z.string().max(253).default('').describe(what)
const raw = (what: string) => z.record(z.string(), z.unknown()).default({}).describe(what)
const list = (what: string) => z.array(z.record(z.string(), z.unknown())).default([]).describe(what)
const quantity = (fallback: string, what: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/)
    .default(fallback)
    .describe(what)
const count = (fallback: number, what: string) => z.number().int().min(1).max(1000).default(fallback).describe(what)
const flag = (fallback: boolean, what: string) => z.boolean().default(fallback).describe(what)
const section = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).prefault({} as never)

const secret = (what: string, key: string) =>
  section({
    secret: name(`Secret that has ${what}; without one there is none`),
    key: z.string().min(1).default(key).describe('Which of its keys')
  })

const resources = (cpu: string, memory: string, memoryLimit: string, disk: string) =>
  section({
    requests: z.record(z.string(), z.string()).default({ cpu, memory, 'ephemeral-storage': '64Mi' }),
    limits: z.record(z.string(), z.string()).default({ memory: memoryLimit, 'ephemeral-storage': disk })
  })

/** What every workload has. The requests and limits are for figures of docs/scaling.md. */
const pods = (cpu: string, memory: string, memoryLimit: string) => ({
  resources: resources(cpu, memory, memoryLimit, '512Mi').describe(
    'Without a limit of CPU on purpose: who is throttled does not read its sockets'
  ),
  nodeSelector: raw('Labels of the nodes'),
  tolerations: list('Taints that are tolerated'),
  affinity: raw('As in a pod'),
  priorityClassName: name('As in a pod'),
  podAnnotations: raw('Annotations of the pods')
})

const worker = (cpu: string, memory: string, memoryLimit: string, lag: number) => ({
  replicas: count(2, 'Processes; more than the topic has partitions are of no use'),
  keda: section({
    enabled: flag(false, 'Scale by the lag of the consumer group; needs KEDA'),
    minReplicas: count(2, 'At least'),
    maxReplicas: count(12, 'At most; no more than the topic has partitions'),
    lagThreshold: z.number().int().min(1).default(lag).describe('Records of lag per process')
  }),
  ...pods(cpu, memory, memoryLimit)
})

/** The values of the chart. values.yaml, values.schema.json and README.md of the chart are made from it. */
export const Values = z.strictObject({
  profile: z
    .enum(['single', 'pipeline'])
    .default('single')
    .describe(
      'single: one pod that needs nothing else; pipeline: a workload for each role, over a Kafka that is there'
    ),
  nameOverride: z.string().max(40).default('').describe('In place of the chart’s name'),
  fullnameOverride: z.string().max(40).default('').describe('In place of the release’s and the chart’s name'),
  image: section({
    repository: z.string().min(1).default('earshot').describe('Where `npm run image` was pushed to'),
    tag: z.string().default('').describe('Without one the version of the chart’s application'),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .default('')
      .describe('Wins over the tag'),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('As in a container'),
    pullSecrets: z
      .array(z.strictObject({ name: z.string() }))
      .default([])
      .describe('As in a pod')
  }),
  config: Config.prefault({}).describe(
    'Settings of docs/configuration.md, as in its YAML file; those of files and passwords are below, by reference'
  ),
  hep: section({
    tls: section({
      secret: name('Secret of type kubernetes.io/tls for HEP over TLS; without one there is no TLS'),
      verifiesAgents: flag(false, 'Its ca.crt are the authorities of agents, each of which must show a certificate')
    }),
    agents: secret('the agents’ file of docs/agents.md, which is read again when it changes', 'agents.yaml'),
    service: section({
      type: z.enum(['LoadBalancer', 'NodePort', 'ClusterIP']).default('LoadBalancer').describe('How agents reach it'),
      externalTrafficPolicy: z
        .enum(['Local', 'Cluster'])
        .default('Local')
        .describe('Local keeps the addresses of agents, which the agents’ file and the page go by'),
      annotations: raw('Annotations, for the load balancer'),
      loadBalancerClass: name('As in a Service'),
      loadBalancerSourceRanges: z.array(z.string()).default([]).describe('Networks of the agents'),
      nodePorts: section({
        udp: z.number().int().min(0).max(65535).default(0).describe('0 lets the cluster choose'),
        tcp: z.number().int().min(0).max(65535).default(0).describe('0 lets the cluster choose'),
        tls: z.number().int().min(0).max(65535).default(0).describe('0 lets the cluster choose')
      })
    })
  }),
  kafka: section({
    password: secret('the password for config.kafka.username', 'password'),
    tls: section({
      secret: name('Secret with ca.crt, the authorities of the nodes; without one those that Node knows'),
      clientCertificate: flag(false, 'Its tls.crt and tls.key are the client’s own')
    }),
    kedaAuthentication: name('TriggerAuthentication by which KEDA reaches Kafka, where that asks for a login or TLS')
  }),
  store: section({
    password: secret('the password for config.store.username of ClickHouse', 'password')
  }),
  peers: section({
    registry: raw('The peer registry, as in its file; it is read again when it changes'),
    configMap: name('ConfigMap that has it, in place of the above'),
    key: z.string().min(1).default('peers.yaml').describe('Which of its keys')
  }),
  topicsJob: flag(true, 'Run `earshot topics` before each install and upgrade of the pipeline'),
  hostNetwork: flag(false, 'The single pod, or the DaemonSet’s, has the network of its node'),
  terminationGracePeriodSeconds: z
    .number()
    .int()
    .min(30)
    .default(60)
    .describe('How long a pod may take to end; docs/operations.md says how long it does'),
  preStopSeconds: z
    .number()
    .int()
    .min(0)
    .max(60)
    .default(5)
    .describe('How long a pod goes on after it was told to end, so that nothing new is sent to it meanwhile'),
  topologySpread: section({
    keys: z
      .array(z.string())
      .default(['topology.kubernetes.io/zone', 'kubernetes.io/hostname'])
      .describe('Labels of nodes over which the pods of a role are spread'),
    whenUnsatisfiable: z.enum(['ScheduleAnyway', 'DoNotSchedule']).default('ScheduleAnyway').describe('As in a pod')
  }),
  single: section({
    volume: section({
      size: quantity(
        '80Gi',
        'More than config.retention.bytes, config.store.bytes and config.store.holdBytes together'
      ),
      storageClass: name('Local disks; network file systems lock badly. Without one the cluster’s default'),
      existingClaim: name('PersistentVolumeClaim in place of one of its own'),
      hostPath: name(
        'Folder of the node, which user 10001 may write, in place of a claim; bind the pod to that node then'
      )
    }),
    ...pods('1', '512Mi', '2Gi')
  }),
  collector: section({
    kind: z
      .enum(['StatefulSet', 'DaemonSet'])
      .default('StatefulSet')
      .describe('DaemonSet: one on each node, on ports of the node, without the Service'),
    replicas: count(2, 'Processes of the StatefulSet'),
    spool: section({
      size: quantity('4Gi', 'Of the volume of each; more than config.hep.spoolBytes'),
      storageClass: name('Without one the cluster’s default'),
      hostPath: name(
        'Of the DaemonSet: folder of each node, which user 10001 may write; without one what is spooled ends with the pod'
      )
    }),
    autoscaling: section({
      enabled: flag(false, 'HorizontalPodAutoscaler of the StatefulSet; needs the metrics server'),
      minReplicas: count(2, 'At least'),
      maxReplicas: count(8, 'At most'),
      cpuPercent: z.number().int().min(10).max(200).default(60).describe('Of the CPU that is requested')
    }),
    ...pods('500m', '256Mi', '1Gi')
  }),
  correlator: section(worker('1', '768Mi', '3Gi', 50)),
  monitor: section(worker('250m', '384Mi', '1Gi', 200)),
  recorder: section({
    ...worker('250m', '384Mi', '1Gi', 5000),
    resources: resources('250m', '384Mi', '1Gi', '6Gi').describe(
      'It runs where config.store.clickhouseUrl is given. More of ephemeral-storage than config.store.holdBytes'
    )
  }),
  console: section({
    replicas: count(2, 'Processes'),
    tokens: secret('the file of who may use the page and the API', 'tokens'),
    service: section({ annotations: raw('Annotations of the Service of the page') }),
    ...pods('100m', '256Mi', '1Gi')
  }),
  networkPolicy: section({
    enabled: flag(true, 'Allow the flow of HEP to the page and nothing else'),
    hepFrom: list('Who may send HEP, as in a NetworkPolicy; empty is everybody'),
    httpFrom: list('Who may reach the page, the API and /metrics; empty is everybody'),
    kafkaTo: list('Where Kafka is; empty is everywhere, on the ports of config.kafka.brokers'),
    storeTo: list('Where config.store.clickhouseUrl is; empty is everywhere, on its port'),
    webhookTo: list('Where config.alert.webhook is; empty is everywhere, on its port'),
    dnsTo: list('Where names are resolved; empty is everywhere')
  }),
  serviceMonitor: section({
    enabled: flag(false, 'Have the Prometheus operator scrape every pod'),
    interval: z
      .string()
      .regex(/^\d+(ms|s|m)$/)
      .default('15s')
      .describe('How often'),
    labels: raw('Labels by which Prometheus finds it')
  }),
  prometheusRule: section({
    enabled: flag(false, 'Give the rules of dashboards/ to the Prometheus operator'),
    runbooks: z
      .string()
      .regex(/^(https?:\/\/\S*[^\s/])?$/)
      .default('')
      .describe(
        'URL below which people reach the runbooks, without a slash at its end: that of the page with /runbooks, say; without one alerts name their path in the repository'
      ),
    labels: raw('Labels by which Prometheus finds it')
  }),
  dashboards: section({
    enabled: flag(false, 'Give the dashboards to Grafana’s sidecar'),
    labels: z
      .record(z.string(), z.string())
      .default({ grafana_dashboard: '1' })
      .describe('Labels by which it finds them'),
    folder: name('Folder in Grafana')
  })
})

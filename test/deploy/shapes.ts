/** What a pipeline needs at least. */
export const pipeline = { profile: 'pipeline', config: { kafka: { brokers: 'kafka-1:9092,kafka-2:9092' } } }
const registry = { peers: [{ name: 'our-sbc', ours: true, members: ['192.0.2.1'] }] }

export type Shape = {
  readonly name: string
  readonly values: object
  /** What kube-score finds because the values ask for it. */
  readonly findings?: readonly RegExp[]
}

/** Each profile, and each value that changes what there is. */
export const shapes: readonly Shape[] = [
  { name: 'single', values: {} },
  { name: 'single on the network of its node', values: { hostNetwork: true } },
  { name: 'single with a claim', values: { single: { volume: { existingClaim: 'data' } } } },
  { name: 'single in a folder of its node', values: { single: { volume: { hostPath: '/var/lib/earshot' } } } },
  {
    name: 'single with TLS, agents, a registry, tokens, alerts, monitoring',
    values: {
      config: {
        alert: { webhook: 'https://alertmanager.monitoring:9093/api/v2/alerts' },
        retention: { bytes: 10737418240 }
      },
      hep: { tls: { secret: 'hep-tls', verifiesAgents: true }, agents: { secret: 'agents' } },
      peers: { registry },
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true, labels: { release: 'prometheus' }, runbooks: 'https://noc.example/runbooks' },
      dashboards: { enabled: true, folder: 'Earshot' },
      single: { volume: { storageClass: 'local' }, nodeSelector: { disk: 'ssd' }, podAnnotations: { team: 'voice' } }
    }
  },
  {
    name: 'without network policies',
    values: { networkPolicy: { enabled: false } },
    findings: [/does not have a matching NetworkPolicy/]
  },
  {
    name: 'node ports with the agents’ networks',
    values: {
      hep: { service: { type: 'NodePort', nodePorts: { udp: 30060, tcp: 30060 } } },
      networkPolicy: { hepFrom: [{ ipBlock: { cidr: '192.0.2.0/24' } }], httpFrom: [{ podSelector: {} }] }
    },
    findings: [/of type NodePort/]
  },
  { name: 'a Service inside of the cluster only', values: { hep: { service: { type: 'ClusterIP' } } } },
  { name: 'pipeline', values: pipeline },
  { name: 'pipeline with collectors on nodes', values: { ...pipeline, collector: { kind: 'DaemonSet' } } },
  {
    name: 'pipeline with collectors on the network of nodes, and their folders',
    values: {
      ...pipeline,
      hostNetwork: true,
      collector: { kind: 'DaemonSet', spool: { hostPath: '/var/lib/earshot' } }
    }
  },
  {
    name: 'pipeline that scales, over a Kafka with a login',
    values: {
      ...pipeline,
      config: {
        kafka: { ...pipeline.config.kafka, username: 'earshot', saslMechanism: 'scram-sha-512', tls: true },
        alert: { webhook: 'http://alertmanager/api/v2/alerts' },
        store: { clickhouseUrl: 'http://clickhouse:8123' }
      },
      store: { password: { secret: 'clickhouse' } },
      kafka: {
        password: { secret: 'kafka-login' },
        tls: { secret: 'kafka-tls', clientCertificate: true },
        kedaAuthentication: 'kafka'
      },
      hep: { tls: { secret: 'hep-tls' }, agents: { secret: 'agents', key: 'who.yaml' } },
      peers: { configMap: 'registry', key: 'registry.yaml' },
      collector: { autoscaling: { enabled: true } },
      correlator: { keda: { enabled: true } },
      monitor: { keda: { enabled: true } },
      recorder: { keda: { enabled: true } },
      serviceMonitor: { enabled: true },
      networkPolicy: {
        kafkaTo: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kafka' } } }],
        dnsTo: [{ namespaceSelector: {} }],
        webhookTo: [{ namespaceSelector: {} }],
        storeTo: [{ namespaceSelector: {} }]
      }
    }
  },
  { name: 'pipeline without the job', values: { ...pipeline, topicsJob: false } }
]

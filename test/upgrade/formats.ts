/** Something that is kept or handed on, and outlives the process that wrote it. */
export type Format = {
  readonly what: string
  /** The file that writes it, and how its number stands there. */
  readonly writtenBy: string
  readonly number: RegExp
  /** Of each number, from 1 on: files that a version wrote in that format, which every later version reads. */
  readonly goldens: readonly string[]
  /** The test that reads them. */
  readonly readBy: string
}

const correlator = 'services/correlator/golden.test.ts'
const monitor = 'services/monitor/golden.test.ts'
const detection = 'services/monitor/detection-golden.test.ts'
const states = (service: string): string[] =>
  [1, 2].map(number => `services/${service}/testdata/state/v${number}/*.json`)
const constant = /^(?:export )?const (?:VERSION|FORMAT|format|sqliteFormat) = '?(\d+)/m
const written = /JSON\.stringify\(\{ format: (\d+)/
const typed = /readonly format: (\d+)/
const keyed = /new KeyedStates<\w+>\('[\w-]+', (\d+)/

/** Every format that Earshot writes. */
export const formats: readonly Format[] = [
  {
    what: 'packets and records of calls',
    writtenBy: 'services/pipeline.ts',
    number: constant,
    goldens: ['services/testdata/records/v1/*.json'],
    readBy: 'services/pipeline.test.ts'
  },
  ...['services/agents-record.ts', 'services/collector/dead-letters.ts'].map(writtenBy => ({
    what: `records of ${writtenBy}`,
    writtenBy,
    number: constant,
    goldens: ['services/testdata/others/v1/*.json'],
    readBy: 'services/other-records.test.ts'
  })),
  {
    what: 'open calls',
    writtenBy: 'libs/calls/src/snapshot.ts',
    number: constant,
    goldens: ['libs/calls/testdata/state/v1/*.json', 'libs/calls/testdata/state/v2/*.json'],
    readBy: 'libs/calls/src/snapshot.test.ts'
  },
  {
    what: 'answered calls',
    writtenBy: 'libs/calls/src/established.ts',
    number: constant,
    goldens: ['libs/calls/testdata/state/v2-call-ends/*.json'],
    readBy: 'libs/calls/src/snapshot.test.ts'
  },
  {
    what: 'Allow sets',
    writtenBy: 'libs/calls/src/allow.ts',
    number: constant,
    goldens: states('correlator').slice(0, 1),
    readBy: correlator
  },
  {
    what: 'legs that wait',
    writtenBy: 'libs/calls/src/leg-join.ts',
    number: constant,
    goldens: ['services/correlator/testdata/legs/v1.json'],
    readBy: 'services/correlator/legs-stage.test.ts'
  },
  {
    what: 'the clock of the join of legs',
    writtenBy: 'services/correlator/legs-stage.ts',
    number: typed,
    goldens: ['services/correlator/testdata/legs/v1.json'],
    readBy: 'services/correlator/legs-stage.test.ts'
  },
  {
    what: 'the clock of a correlator',
    writtenBy: 'services/correlator/stage.ts',
    number: typed,
    goldens: states('correlator').slice(0, 1),
    readBy: correlator
  },
  {
    what: 'watermarks',
    writtenBy: 'libs/bus/src/watermark.ts',
    number: typed,
    goldens: states('correlator'),
    readBy: correlator
  },
  {
    what: 'the figures of a peer',
    writtenBy: 'libs/peers/src/figures.ts',
    number: constant,
    goldens: states('monitor'),
    readBy: monitor
  },
  {
    what: 'what a monitor has told',
    writtenBy: 'services/monitor/partition-figures.ts',
    number: typed,
    goldens: states('monitor').slice(0, 1),
    readBy: monitor
  },
  {
    what: 'attempts under way',
    writtenBy: 'services/monitor/pending.ts',
    number: written,
    goldens: states('monitor').slice(0, 1),
    readBy: monitor
  },
  {
    what: 'alerts',
    writtenBy: 'services/monitor/alert-book.ts',
    number: written,
    goldens: ['services/monitor/testdata/detection/v1.json'],
    readBy: detection
  },
  {
    what: 'how far detection is',
    writtenBy: 'services/monitor/detection.ts',
    number: typed,
    goldens: ['services/monitor/testdata/detection/v1.json'],
    readBy: detection
  },
  ...['capability-matrix', 'allow-sets', 'method-watch', 'regressions'].map(name => ({
    what: `what detection keeps in ${name}`,
    writtenBy: `libs/peers/src/${name}.ts`,
    number: keyed,
    goldens: ['services/monitor/testdata/detection/v1.json'],
    readBy: detection
  })),
  ...['capacity-watch', 'capacity-limits'].map(name => ({
    what: `what detection keeps in ${name}`,
    writtenBy: `libs/peers/src/${name}.ts`,
    number: keyed,
    goldens: ['services/monitor/testdata/capacity/v1.json'],
    readBy: 'services/monitor/capacity-golden.test.ts'
  })),
  {
    what: 'what is usual of a peer',
    writtenBy: 'libs/peers/src/detection/traffic-watch.ts',
    number: constant,
    goldens: ['libs/peers/testdata/detection/v1.json', 'libs/peers/testdata/detection/v2.json'],
    readBy: 'libs/peers/src/detection/state.test.ts'
  },
  {
    what: 'when agents were heard',
    writtenBy: 'services/monitor/agent-silence.ts',
    number: written,
    goldens: ['services/monitor/testdata/agent-silence/v1.json'],
    readBy: 'services/monitor/agent-silence.test.ts'
  },
  {
    what: 'decisions of people',
    writtenBy: 'services/monitor/decisions.ts',
    number: written,
    goldens: ['services/monitor/testdata/decisions/v1.json'],
    readBy: 'services/monitor/decisions.test.ts'
  },
  {
    what: 'the file of the local log, and of the spool',
    writtenBy: 'libs/bus/src/log-database.ts',
    number: constant,
    goldens: ['libs/bus/testdata/format-1.sql'],
    readBy: 'libs/bus/src/log-database.test.ts'
  },
  {
    what: 'the file of a store',
    writtenBy: 'libs/store/src/sqlite-schema.ts',
    number: /^export const sqliteFormat = (\d+)/m,
    goldens: ['libs/store/testdata/format-1.sql'],
    readBy: 'libs/store/src/golden.test.ts'
  },
  {
    what: 'the database of a store in ClickHouse',
    writtenBy: 'libs/store/src/clickhouse-schema.ts',
    number: /^export const clickhouseFormat = (\d+)/m,
    goldens: ['libs/store/testdata/clickhouse-format-1.json'],
    readBy: 'libs/store/src/clickhouse-golden.tools.test.ts'
  },
  ...['message-chunks', 'rollup'].map(name => ({
    what: `what a store keeps in ${name}`,
    writtenBy: `libs/store/src/${name}.ts`,
    number: constant,
    goldens: ['libs/store/testdata/format-1.sql'],
    readBy: 'libs/store/src/golden.test.ts'
  })),
  {
    what: 'repetitions of a collector',
    writtenBy: 'libs/bus/src/repetitions.ts',
    number: typed,
    goldens: ['libs/bus/testdata/format-1.sql'],
    readBy: 'libs/bus/src/log-database.test.ts'
  },
  ...['sqlite-schema', 'message-chunks', 'rollup'].map(name => ({
    what: `the store, as ${name} writes it`,
    writtenBy: `libs/store/src/${name}.ts`,
    number: constant,
    goldens: ['libs/store/testdata/format-1.*'],
    readBy: 'libs/store/src/golden.test.ts'
  })),
  {
    what: 'how far a group is in Kafka',
    writtenBy: 'libs/bus/src/kafka-changelog.ts',
    number: written,
    goldens: ['libs/bus/testdata/progress-1.json'],
    readBy: 'libs/bus/src/kafka-changelog.test.ts'
  }
]

/** Files that have a number of the kind and write no such format, and why. */
export const others: Readonly<Record<string, string>> = {
  'libs/sip/src/media.ts': 'a hash of text',
  'services/collector/known-log.ts': 'partitions.json of another format is as good as none: the collector asks Kafka'
}

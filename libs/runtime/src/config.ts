import { z } from 'zod'

const port = (fallback: number) => z.number().int().min(0).max(65535).default(fallback)
const seconds = (fallback: number) => z.number().min(0).max(86_400).default(fallback)
const file = z.string().min(1).optional()
const url = z
  .url({ protocol: /^https?$/ })
  .refine(text => new URL(text).username === '', 'must hold no user name')
  .optional()
const days = (fallback: number) => z.number().min(0.01).max(36_500).default(fallback)
const bytes = (fallback: number) => z.number().int().min(0).default(fallback)

/** Everything that can be configured. Types, defaults, checks, flags, environment names and the reference come from it. */
export const Config = z.strictObject({
  hep: z
    .strictObject({
      host: z
        .string()
        .min(1)
        .default('::')
        .describe('Address on which HEP is received; :: is every address, IPv4 and IPv6, 0.0.0.0 every IPv4 address'),
      udpPort: port(9060).describe('UDP port for HEP; 0 lets the system choose'),
      tcpPort: port(9060).describe('TCP port for HEP; 0 lets the system choose'),
      tlsPort: z
        .number()
        .int()
        .min(0)
        .max(65535)
        .optional()
        .describe('TCP port for HEP over TLS; without one there is none, 0 lets the system choose'),
      tls: z
        .strictObject({
          certFile: file.describe(
            'PEM file of the certificate for HEP over TLS, with those that lead to its authority'
          ),
          keyFile: file.describe('PEM file of the key of that certificate, without a passphrase'),
          caFile: file.describe('PEM file of the authorities of agents; with it each must show a certificate of theirs')
        })
        .prefault({}),
      agentsFile: file.describe('YAML file of who may send HEP, with which key and how much; without it everybody may'),
      collectorName: z
        .string()
        .min(1)
        .max(128)
        .optional()
        .describe('Name of this collector, another for each that runs; without one that of the machine'),
      spoolBytes: bytes(2 * 2 ** 30).describe(
        'How much is kept on disk while Kafka is away, until nothing more is taken'
      ),
      receiveBufferBytes: bytes(16 << 20).describe('UDP socket buffer asked of the kernel')
    })
    .prefault({}),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address of the page, the API and /metrics'),
      port: port(8080).describe('TCP port of the page, the API and /metrics; 0 lets the system choose')
    })
    .prefault({}),
  console: z
    .strictObject({
      tokensFile: file.describe(
        'File of who may use the page and the API: a line for each, a name and the SHA-256 of a token; earshot token makes one'
      ),
      userHeader: z
        .string()
        .regex(/^[\w-]+$/)
        .optional()
        .describe('Header in which a reverse proxy names who asks, like x-forwarded-user'),
      proxies: z
        .string()
        .min(1)
        .optional()
        .describe('Addresses and networks, with commas between them, of the reverse proxies whose header is believed')
    })
    .prefault({}),
  kafka: z
    .strictObject({
      brokers: z
        .string()
        .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/)
        .optional()
        .describe('Nodes of Kafka as host:port,host:port; for collector, correlator, monitor, console and topics'),
      tls: z.boolean().default(false).describe('Talk TLS to Kafka; so does giving one of the files below'),
      caFile: file.describe('PEM file of the authorities of the nodes’ certificates, where Node does not know them'),
      certFile: file.describe('PEM file of the client’s own certificate, where Kafka asks for one'),
      keyFile: file.describe('PEM file of its key'),
      saslMechanism: z
        .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
        .optional()
        .describe('How to log in to Kafka; without one there is no login'),
      username: z.string().min(1).optional().describe('Who logs in to Kafka'),
      passwordFile: file.describe('File of the password, its only line'),
      password: z.string().min(1).optional().describe('The password itself; better in the environment than in a flag'),
      partitions: z
        .number()
        .int()
        .min(1)
        .max(1000)
        .default(12)
        .describe('Partitions that topics makes: how many correlators, or monitors, can share the work'),
      replication: z.number().int().min(1).max(10).default(3).describe('Copies of each partition that topics asks for')
    })
    .prefault({}),
  dataDir: z.string().min(1).default('./data').describe('Folder for everything that is kept'),
  memory: z.boolean().default(false).describe('Keep everything in memory and write no file'),
  latenessSeconds: seconds(2).describe('How long after its time a message may still arrive'),
  timerCSeconds: seconds(240).describe(
    'An attempt with a provisional response and no final ends after so long (Timer C)'
  ),
  earlyMediaTimeoutSeconds: seconds(900).describe('The same while an early dialog has a session description'),
  legHeaders: z
    .string()
    .regex(/^(none|(session-id|p-charging-vector|x-[\w.-]+)(,(session-id|p-charging-vector|x-[\w.-]+))*)$/i)
    .default('session-id,p-charging-vector,x-cid,x-call-id')
    .describe(
      'Headers that tell which legs of a B2BUA are one call: session-id, p-charging-vector, X- headers with a Call-ID; or none'
    ),
  peersFile: z.string().min(1).optional().describe('YAML file of the peer registry; without it each address is a peer'),
  maxPeers: z
    .number()
    .int()
    .min(1)
    .default(5000)
    .describe('Addresses outside the registry past so many are the peer other'),
  timezone: z
    .string()
    .refine(isTimeZone, 'is no IANA time zone; write Europe/Berlin, say')
    .default('UTC')
    .describe('IANA name of the zone whose days and weeks the traffic has, for what is usual at a time of day'),
  alert: z
    .strictObject({
      webhook: url.describe(
        'Where alerts are sent as they start and end, and every minute while they last, as to Alertmanager: http://HOST:9093/api/v2/alerts'
      ),
      pageUrl: url.describe('Where people reach the page, for links in what is sent to the webhook')
    })
    .prefault({}),
  retention: z
    .strictObject({
      hours: z.number().min(1).default(24).describe('How long the embedded log is kept'),
      bytes: bytes(10 * 2 ** 30).describe('How large the embedded log may grow, whichever comes first')
    })
    .prefault({}),
  store: z
    .strictObject({
      clickhouseUrl: url.describe(
        'ClickHouse over HTTP, http://HOST:8123, where records are kept; without it in a SQLite file in the data folder'
      ),
      database: z
        .string()
        .regex(/^[A-Za-z_]\w*$/)
        .default('earshot')
        .describe('Database in ClickHouse, made if it is not there'),
      username: z.string().min(1).default('default').describe('Who logs in to ClickHouse'),
      passwordFile: file.describe('File of the password for ClickHouse, its only line'),
      password: z.string().min(1).optional().describe('The password itself; better in the environment than in a flag'),
      attemptDays: days(30).describe('How long attempts, with their rejections, ends and legs, are kept'),
      messageDays: days(7).describe('How long raw messages of calls worth looking at are kept'),
      minuteDays: days(14).describe('How long sums of each minute are kept'),
      hourDays: days(800).describe('How long sums of each hour are kept'),
      alertDays: days(800).describe('How long alerts that are over, and changes of Allow, are kept'),
      bytes: bytes(50 * 2 ** 30).describe('How large the store may grow, whichever comes first; the oldest goes'),
      messageBytes: bytes(10 * 2 ** 30).describe('How much of that raw messages may be'),
      messageSample: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .describe('Share of the calls with nothing to tell whose raw messages are kept'),
      holdBytes: bytes(4 * 2 ** 30).describe(
        'How much of raw messages is held on disk, at most a quarter of an hour, until it is known which are kept'
      ),
      minFreeBytes: bytes(2 * 2 ** 30).describe(
        'With less free on the disk of the data folder no raw message is held or kept'
      )
    })
    .prefault({}),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Least level that is logged'),
  clock: z
    .enum(['system', 'capture'])
    .default('system')
    .describe(
      'Whose time drives the timers: system is the collector’s clock, capture only the packets’, to replay old traffic'
    )
})

export type Config = z.infer<typeof Config>

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

import { z } from 'zod'

const port = (fallback: number) => z.number().int().min(0).max(65535).default(fallback)
const seconds = (fallback: number) => z.number().min(0).max(86_400).default(fallback)
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
      receiveBufferBytes: bytes(16 << 20).describe('UDP socket buffer asked of the kernel')
    })
    .prefault({}),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address of the page, the API and /metrics'),
      port: port(8080).describe('TCP port of the page, the API and /metrics; 0 lets the system choose')
    })
    .prefault({}),
  dataDir: z.string().min(1).default('./data').describe('Folder for everything that is kept'),
  memory: z.boolean().default(false).describe('Keep everything in memory and write no file'),
  latenessSeconds: seconds(2).describe('How long after its time a message may still arrive'),
  timerCSeconds: seconds(240).describe(
    'An attempt with a provisional response and no final ends after so long (Timer C)'
  ),
  earlyMediaTimeoutSeconds: seconds(900).describe('The same while an early dialog has a session description'),
  peersFile: z.string().min(1).optional().describe('YAML file of the peer registry; without it each address is a peer'),
  maxPeers: z
    .number()
    .int()
    .min(1)
    .default(5000)
    .describe('Addresses outside the registry past so many are the peer other'),
  retention: z
    .strictObject({
      hours: z.number().min(1).default(24).describe('How long the embedded log is kept'),
      bytes: bytes(10 * 2 ** 30).describe('How large the embedded log may grow, whichever comes first')
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

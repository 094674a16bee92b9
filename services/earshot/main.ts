import { inspect, styleText } from 'node:util'
import { Command, InvalidArgumentError, Option } from 'commander'
import { configFlags, loadConfig, type Config } from '@earshot/runtime'
import type { Paint } from '../ladder/drawing.ts'
import type { EvaluateOptions } from './evaluate.ts'
import { failureLines } from './failure.ts'
import type { Instance, Role } from './instance.ts'
import type { Target } from './replay.ts'
import { asReport } from './report-command.ts'
import { version } from './version.ts'

// What only some commands need is imported in their actions: to load it all takes three times as long as `--help`.

/** Exit codes: 0 done, 1 something outside failed, 2 the command cannot be done as given. */
const FAILED = 1
const NOT_AS_GIVEN = 2

const WIDTH_WITHOUT_TERMINAL = 120

const colours = { bold: 'bold', fault: 'red', early: 'green' } as const
/** Plain where standard output is no terminal, or NO_COLOR is set. */
const paint: Paint = (style, text) => styleText(colours[style], text, { stream: process.stdout })

/** Of the error that ends the command. */
let showsStacks = false

const program = new Command('earshot')
  .description('Monitoring of SIP signalling: what became of early media, and which peer rejects which method.')
  .version(version)
  .showHelpAfterError('(--help tells what it takes)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_AS_GIVEN))
  .configureHelp({ showGlobalOptions: true })

withSettings(program.command('up'))
  .description('run everything in one process: HEP in, page and API and metrics out')
  .action(async flags => {
    const { up } = await import('./up.ts')
    await serve(whenFailed => up(configOf(flags), whenFailed))
  })

program
  .command('analyze')
  .description('count what became of the calls in capture files (pcap, pcapng, plain or gzip; HEP inside is unwrapped)')
  .argument('<file...>', 'captures; several are read as one, in time order')
  .option('--json', 'one JSON object instead of lines and a table')
  .option('--peers <file>', 'YAML file of the peer registry')
  .action(async (files: string[], { json = false, peers }: { json?: boolean; peers?: string }) => {
    const { howToRead } = await import('./how-to-read.ts')
    const { analyze } = await import('./analyze.ts')
    await analyze(files, { ...(await howToRead(configOf({}), peers)), json, write })
  })

program
  .command('explain')
  .description('draw a call of capture files as a ladder, and say what became of its early media and what is at fault')
  .argument('<file...>', 'captures; several are read as one, in time order')
  .option('--call <id>', 'its Call-ID, or its number in the list; without it the most telling one')
  .option('--peers <file>', 'YAML file of the peer registry')
  .action(async (files: string[], { call, peers }: { call?: string; peers?: string }) => {
    const { howToRead } = await import('./how-to-read.ts')
    const { explain } = await import('./explain/explain.ts')
    const { parties, limits, legHeaders } = await howToRead(configOf({}), peers)
    const width = process.stdout.columns ?? WIDTH_WITHOUT_TERMINAL
    await explain(files, { parties, limits, legHeaders, width, paint, write, ...(call && { call }) })
  })

program
  .command('capabilities')
  .description('show which method each peer in capture files takes, says that it takes, or rejects')
  .argument('<file...>', 'captures; several are read as one, in time order')
  .option('--json', 'one JSON object instead of a table')
  .option('--peers <file>', 'YAML file of the peer registry')
  .action(async (files: string[], { json = false, peers }: { json?: boolean; peers?: string }) => {
    const { howToRead } = await import('./how-to-read.ts')
    const { capabilities } = await import('./capabilities.ts')
    const { parties, limits, maintenanceOf } = await howToRead(configOf({}), peers)
    await capabilities(files, { parties, limits, maintenanceOf, json, write })
  })

program
  .command('replay')
  .description('send the SIP of a capture as live HEP')
  .argument('<file>', 'a capture')
  .requiredOption('--to <host:port>', 'where HEP is received', hostAndPort)
  .option('--speed <factor>', 'how many times faster than it was captured; 0 does not wait at all', factor, 1)
  .addOption(new Option('--transport <name>', 'how HEP is sent').choices(['tcp', 'udp']).default('tcp'))
  .action(async (file: string, options: { to: Omit<Target, 'transport'>; speed: number; transport: 'udp' | 'tcp' }) => {
    const { openSender, replay } = await import('./replay.ts')
    const sender = await openSender({ ...options.to, transport: options.transport })
    const speed = options.speed === 0 ? Infinity : options.speed
    try {
      process.stderr.write(`${await replay(file, sender, speed)} packets sent\n`)
    } finally {
      await sender.end()
    }
  })

program
  .command('evaluate')
  .description('run the detectors over generated traffic whose incidents are known, and say how well they do')
  .requiredOption('--seeds <number...>', 'one traffic for each', naturals)
  .option('--weeks <number>', 'weeks of each, the first three healthy', natural, 8)
  .option('--peers <number>', 'peers of each', natural, 10)
  .option('--incidents-per-week <number>', 'tried for each peer; 0 is healthy traffic only', factor, 2)
  .option('--json', 'everything, as JSON', false)
  .option('--plot <folder>', 'where to draw what came out')
  .action(async (options: EvaluateOptions) => {
    const { runEvaluation } = await import('./evaluate.ts')
    await runEvaluation(options, write)
  })

withSettings(
  asReport(program.command('report'), async (kind, asked) => {
    const { storeReport } = await import('./store-report.ts')
    await storeReport(kind, asked, configOf(asked), write)
  }),
  /^--(config|data-dir|peers-file|timezone|store-(clickhouse|database|username|password)|log-level)/
)

withSettings(program.command('demo'))
  .description('the same as up, in memory, with generated traffic of five carriers')
  .addOption(
    new Option('--with <program>', 'run this beside it, where it is installed: Prometheus, with Alertmanager').choices([
      'prometheus'
    ])
  )
  .action(async ({ with: beside, ...flags }: Record<string, unknown>) => {
    const { demo } = await import('./demo.ts')
    const config = configOf({ ...flags, memory: true })
    await serve(whenFailed => demo(config, whenFailed, { withPrometheus: beside === 'prometheus' }))
  })

const does: Readonly<Record<Role, string>> = {
  collector: 'receive HEP and append it to Kafka',
  correlator: 'turn packets from Kafka into records of calls',
  monitor: 'sum records of calls from Kafka per peer, as metrics',
  recorder: 'keep records of calls, alerts and telling messages from Kafka in the store',
  console: 'serve the page and the API'
}
for (const [role, description] of Object.entries(does) as [Role, string][]) {
  withSettings(program.command(role))
    .description(`${description}; one role of several, over Kafka`)
    .action(async flags => {
      const { kafkaBacking, kafkaConnection } = await import('./kafka.ts')
      const { instance } = await import('./instance.ts')
      const config = configOf(flags)
      kafkaConnection(config)
      await serve(whenFailed =>
        instance({ config, roles: [role], backing: parts => kafkaBacking(config, role, parts), whenFailed })
      )
    })
}

withSettings(program.command('topics'))
  .description('make the topics in Kafka that the roles need, and check those that are there')
  .option('--dry-run', 'only show what would be done')
  .option('--add-partitions', 'add partitions although calls under way are then counted wrongly (see docs/kafka.md)')
  .action(async ({ dryRun = false, addPartitions = false, ...flags }: Record<string, unknown>) => {
    const { topics } = await import('./topics.ts')
    const done = await topics(configOf(flags), {
      dryRun: Boolean(dryRun),
      addPartitions: Boolean(addPartitions),
      write
    })
    if (!done) process.exitCode = FAILED
  })

program
  .command('token')
  .description('make a token for the page and the API: the token, and the line for the file of console.tokensFile')
  .argument('<name>', 'of who gets it; acknowledgements have it', nameWithoutSpaces)
  .action(async (name: string) => {
    const { newToken } = await import('../console/access/tokens.ts')
    const { token, line } = newToken(name)
    process.stderr.write('The token, which is shown this once; then the line for the file:\n')
    await write(`${token}\n${line}\n`)
  })

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read us has seen enough.
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`earshot: the output cannot be written: ${error.message}\n`)
  process.exit(FAILED)
})

try {
  await program.parseAsync()
} catch (error) {
  const { isNotAsGiven, saysItAll } = await import('./not-as-given.ts')
  const lines = failureLines(error)
  for (const line of saysItAll(error) ? lines.slice(0, 1) : lines) process.stderr.write(`earshot: ${line}\n`)
  if (showsStacks) process.stderr.write(`${inspect(error)}\n`)
  process.exitCode = isNotAsGiven(error) ? NOT_AS_GIVEN : FAILED
}

/** Runs until a signal, or until a part fails for good. */
async function serve(start: (whenFailed: (error: Error) => void) => Instance): Promise<void> {
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  const running = start(error => failed.reject(error))
  const signalled = new Promise<void>(resolve => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  const signalledFirst = await Promise.race([running.start().then(() => false), signalled.then(() => true)])
  // Nothing was accepted yet, and a state that is being restored is only read.
  if (signalledFirst) process.exit(0)
  const failures: unknown[] = []
  await Promise.race([signalled, failed.promise]).catch(failure => failures.push(failure))
  await running.stop().catch(failure => failures.push(failure))
  if (failures.length > 1) throw new AggregateError(failures, 'a part failed, and not all others stopped')
  if (failures.length > 0) throw failures[0]
}

/** @param which flags; without it all */
function withSettings(command: Command, which = /^/): Command {
  for (const { flags, description } of configFlags()) if (which.test(flags)) command.option(flags, description)
  return command
}

function configOf(flags: Record<string, unknown>): Config {
  const config = loadConfig({ flags, env: process.env })
  showsStacks = config.logLevel === 'debug' || config.logLevel === 'trace'
  return config
}

function hostAndPort(text: string): Omit<Target, 'transport'> {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65535)
    throw new InvalidArgumentError('Write host:port, as in 127.0.0.1:9060.')
  return { host, port: Number(port) }
}

function natural(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Write a whole number, 1 or more.')
  return value
}

function nameWithoutSpaces(text: string): string {
  if (!/^[^\s#]\S{0,99}$/.test(text)) throw new InvalidArgumentError('Write a name without spaces, as in ann.')
  return text
}

function naturals(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, natural(text)]
}

function factor(text: string): number {
  const value = Number(text)
  if (!(value >= 0) || text.trim() === '') throw new InvalidArgumentError('Write a number, 0 or more.')
  return value
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise<void>(resolve => process.stdout.once('drain', () => resolve()))
}

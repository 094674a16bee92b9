import { createServer, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/*
 * The real ClickHouse engine (chdb, in this process) behind as much of ClickHouse's HTTP interface as @clickhouse/client
 * uses. Tells its port on standard output, and ends with standard input. `node test/clickhouse/server.ts FOLDER`
 */

type Session = {
  queryAsync(sql: string, options: { format: string }): Promise<{ bytes(): Uint8Array }>
}
const { Session: ChdbSession } = createRequire(pathToFileURL(import.meta.filename))('chdb') as {
  Session: new (path: string) => Session
}

const session = new ChdbSession(process.argv[2]!)

// One after the other: the engine in process has one session.
let last: Promise<unknown> = Promise.resolve()
const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
  const turn = last.then(work, work)
  last = turn.catch(() => undefined)
  return turn
}

const server = createServer({ maxHeaderSize: 8 << 20 }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url!, 'http://localhost')
  if (pathname === '/ping') {
    response.end('Ok.\n')
    return
  }
  void bodyOf(request)
    .then(body => inTurn(() => answer(searchParams, body)))
    .then(
      bytes => response.setHeader('x-clickhouse-summary', '{}').end(bytes),
      (error: Error) => {
        const code = /Code: (\d+)/.exec(error.message)?.[1] ?? '1002'
        response.statusCode = 500
        response.setHeader('x-clickhouse-exception-code', code).end(error.message.replace(/^Query failed: /, ''))
      }
    )
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as { port: number }).port}\n`)
})

// Whoever started it is gone. The engine's own end can take minutes, and there is nothing to keep.
process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL'))

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** A query comes in the body; what is inserted too, and the query then in the address. */
async function answer(parameters: URLSearchParams, body: Buffer): Promise<Uint8Array> {
  const database = parameters.get('database') ?? 'default'
  const inAddress = parameters.get('query')
  await run(`USE ${database}`)
  if (inAddress !== null) return run(`${inAddress}\n${body.toString()}`)
  for (const [name, value] of parameters) {
    if (name.startsWith('param_') || settings.has(name)) await run(`SET ${name} = ${quoted(value)}`)
  }
  return run(body.toString())
}

async function run(sql: string): Promise<Uint8Array> {
  const [, text = sql, format = 'TabSeparated'] = /^([^]*?)\s*FORMAT\s+(JSONEachRow)\s*$/.exec(sql) ?? []
  return (await session.queryAsync(text, { format })).bytes()
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

/** Those that are passed on; the others are about HTTP. */
const settings = new Set(['output_format_json_quote_64bit_integers', 'do_not_merge_across_partitions_select_final'])

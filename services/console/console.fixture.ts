import { LocalLog } from '@earshot/bus'
import { byAddress, defaultLegHeaders, defaultLimits } from '@earshot/calls'
import { emptyRegistry } from '@earshot/peers'
import { createLogger, httpServer, type HttpServer } from '@earshot/runtime'
import { SqliteStore } from '@earshot/store'
import { epochMicros } from '@earshot/units'
import { DecisionsView } from '../monitor/decisions-view.ts'
import { MonitorView } from '../monitor/view.ts'
import { console, type ConsoleParts } from './api.ts'

export const noon = epochMicros(1_767_225_600e6)

/** A console over an empty log, with what a test gives instead; the server is not started. */
export function consoleServer(given: Partial<ConsoleParts> = {}): HttpServer {
  const logger = createLogger({ level: 'error', output: { write: line => void process.stderr.write(line) } })
  const server = httpServer({ host: '127.0.0.1', port: 0, logger, health: () => [], metrics: async () => '' })
  console(server.app, consoleParts(given))
  return server
}

export function consoleParts(given: Partial<ConsoleParts> = {}): ConsoleParts {
  const log = new LocalLog({ topics: {} })
  return {
    figures: new MonitorView({ log }),
    agents: { agents: () => [], collectors: () => [], drops: () => ({}) },
    decisions: new DecisionsView({ log, now: () => noon }),
    log,
    store: new SqliteStore(undefined),
    minuteDays: 14,
    timeZone: 'UTC',
    now: () => noon,
    registry: () => emptyRegistry,
    rules: { parties: byAddress, limits: defaultLimits, legHeaders: defaultLegHeaders },
    health: () => [{ name: 'store', ready: true }],
    access: () => ({ loopback: true }),
    version: '0',
    ...given
  }
}

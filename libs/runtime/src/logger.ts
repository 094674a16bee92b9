import { pino, type DestinationStream, type Logger, stdTimeFunctions } from 'pino'

export type { Logger }

/** Where lines go: standard output, or an array that records in a test. */
export type LogOutput = DestinationStream & { readonly isTTY?: boolean | undefined }

/**
 * One line per event, times in UTC: JSON, or on a terminal a line to read. Wire data in fields is safe: control characters
 * are escaped in both.
 */
export function createLogger({
  level,
  output = process.stdout
}: {
  readonly level: string
  readonly output?: LogOutput
}): Logger {
  const stream = output.isTTY === true ? { write: (line: string) => output.write(readable(line)) } : output
  return pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: label => ({ level: label }) } },
    stream
  )
}

function readable(line: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as PinoLine
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  const stack = err?.stack === undefined ? '' : `\n${err.stack}`
  return `${printable(`${time} ${level.toUpperCase().padEnd(5)} ${msg ?? ''}${rest.join('')}${stack}`)}\n`
}

type PinoLine = {
  readonly level: string
  readonly time: string
  readonly msg?: string
  readonly err?: { readonly stack?: string }
}

// A terminal acts on control characters, and JSON leaves some of them (DEL, C1) as they are.
const printable = (text: string): string =>
  text.replaceAll(/[^\P{Cc}\n]/gu, control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)

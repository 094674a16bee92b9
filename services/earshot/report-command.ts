import { Argument, InvalidArgumentError, Option, type Command } from 'commander'
import { reportFormats, reportKinds, usualBlocking, type ReportKind } from '../reports/choices.ts'
import type { ReportOptions } from './store-report.ts'

/** Makes it the command `report`. */
export function asReport(
  command: Command,
  print: (kind: ReportKind, asked: ReportOptions & Record<string, unknown>) => Promise<void>
): Command {
  return command
    .description(
      'print what the store keeps, by peer: how full trunks were, what became of early media, what is rejected'
    )
    .addArgument(new Argument('<kind>', 'which report').choices(reportKinds))
    .option('--from <time>', 'a day, as 2026-11-23, or a time; without it seven days before the end')
    .option('--to <time>', 'a day, which is over with its end, or a time; without it now')
    .option('--peer <name>', 'of one peer')
    .option('--group <name>', 'of the peers of a group of the registry, and of all of them together')
    .addOption(new Option('--format <name>', 'how it is written').choices(reportFormats).default('table'))
    .option('--blocking <share>', 'share of calls that may find no channel, for Erlang B', shareOf, usualBlocking)
    .action(print)
}

function shareOf(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('Write a number above 0 and below 1: 0.01 is 1 %.')
  return value
}

import { KafkaFailure } from '@earshot/bus'
import { CaptureError } from '@earshot/capture'
import { RegistryError } from '@earshot/peers'
import { ConfigError } from '@earshot/runtime'
import { BadReportRequest } from '../reports/range.ts'
import { Damaged } from './analyze.ts'
import { NoSuchCall } from './explain/explain.ts'

/** Whether the command cannot be done as given: a file, a setting or a name in it cannot be used. */
export const isNotAsGiven = (error: unknown): boolean =>
  [CaptureError, Damaged, NoSuchCall, ConfigError, BadReportRequest, RegistryError].some(kind => error instanceof kind)

/** Whether its own words are enough for people, without its causes. */
export const saysItAll = (error: unknown): boolean => isNotAsGiven(error) || error instanceof KafkaFailure

import { legHeadersOf, type LegHeaders, type Limits } from '@earshot/calls'
import type { Config } from '@earshot/runtime'
import { seconds } from '@earshot/units'

export const limitsOf = (
  config: Pick<Config, 'latenessSeconds' | 'timerCSeconds' | 'earlyMediaTimeoutSeconds'>
): Limits => ({
  lateness: seconds(config.latenessSeconds),
  timerC: seconds(config.timerCSeconds),
  earlyMediaTimeout: seconds(config.earlyMediaTimeoutSeconds)
})

export const legHeadersIn = ({ legHeaders }: Pick<Config, 'legHeaders'>): LegHeaders =>
  legHeadersOf(legHeaders.split(','))

import type { Agent } from './api.ts'
import { age } from './format.ts'

/** A collector without ticks is left out after as long. */
const silentSeconds = 60
/** The default lateness: an agent whose clock is off by more makes messages late. */
const clockSeconds = 2

/** What is wrong with an agent, in a few words; undefined if nothing is. */
export function agentFault(agent: Agent, now: Date): string | undefined {
  const { lastSeen, drops = {} } = agent
  if (lastSeen === null) return drops.unauthorized ? 'refused: its key is wrong or missing' : 'everything refused'
  const silent = (+now - +new Date(lastSeen)) / 1_000
  if (silent > silentSeconds) return `silent for ${age(silent)}`
  if (Math.abs(agent.clockOffsetSeconds) > clockSeconds) return 'its clock is wrong'
  if (drops.unauthorized) return 'some packets without the right key'
  if (drops['rate-limited']) return 'sends more than it may'
  return undefined
}

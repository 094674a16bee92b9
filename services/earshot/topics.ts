import Table from 'cli-table3'
import { checkTopics, type TopicDifference } from '@earshot/bus'
import type { Config } from '@earshot/runtime'
import { kafkaConnection, wantedTopics } from './kafka.ts'

export type TopicsOptions = {
  /** Only shows what it would do. */
  readonly dryRun: boolean
  /** Adds partitions although keys move away from their state. */
  readonly addPartitions: boolean
  readonly write: (text: string) => Promise<void>
}

/**
 * Makes the topics that Earshot needs in Kafka, and says what of them is not as it should be.
 *
 * @returns whether they are all as they should be now, or would be without `dryRun`
 */
export async function topics(config: Config, { dryRun, addPartitions, write }: TopicsOptions): Promise<boolean> {
  const wanted = wantedTopics(config)
  const differences = await checkTopics(kafkaConnection(config), wanted, { dryRun, addPartitions })
  if (differences.length === 0) await write(`${wanted.length} topics, all as they should be\n`)
  else await write(`${tableOf(differences, dryRun)}\n`)
  return differences.every(({ refused }) => refused === undefined)
}

function tableOf(differences: readonly TopicDifference[], dryRun: boolean): string {
  const table = new Table({ head: ['topic', 'setting', 'is', 'wanted', ''], style: { head: [], border: [] } })
  for (const { topic, setting, is = 'missing', wanted, refused } of differences) {
    table.push([topic, setting, is, wanted, refused ? `left: ${refused}` : dryRun ? 'would be set' : 'set'])
  }
  return table.toString()
}

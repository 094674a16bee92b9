import { checkTopics, type WantedTopic } from './kafka-topics.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { stateTopicOf } from './kafka-names.ts'

/** For tests: topics, and a state topic for each group that reads one of them, given as `input: [group]`. */
export async function makeTopics(
  connection: KafkaConnection & { readonly prefix: string },
  topics: Readonly<Record<string, number>>,
  groups: Readonly<Record<string, readonly string[]>>,
  replicas = 1
): Promise<void> {
  const common = { replicas, inSync: Math.min(replicas, 2) }
  const plain = Object.entries(topics).map(([topic, partitions]): WantedTopic => {
    return { topic, partitions, keeps: { ageMs: 3600e3 }, ...common }
  })
  const states = Object.entries(groups).flatMap(([input, names]) =>
    names.map((group): WantedTopic => {
      return { topic: stateTopicOf(input, group), partitions: topics[input]!, keeps: 'latest', ...common }
    })
  )
  await checkTopics(connection, [...plain, ...states])
}

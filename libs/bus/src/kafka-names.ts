/** What a group that reads a topic is called in Kafka. A colon cannot be in the name of a topic, so nothing is called alike. */
export type KafkaNames = {
  readonly topic: string
  /** The compacted topic of the group's state and of how far it has come, with as many partitions as `topic`. */
  readonly stateTopic: string
  readonly groupId: string
}

export const kafkaNames = (prefix: string, input: string, group: string): KafkaNames => ({
  topic: `${prefix}${input}`,
  stateTopic: `${prefix}${stateTopicOf(input, group)}`,
  groupId: `${prefix}${input}:${group}`
})

/** One producer for each partition of a group: whoever takes the partition over fences the one before by this name. */
export const transactionalIdOf = ({ groupId }: KafkaNames, partition: number): string => `${groupId}:${partition}`

/** The input and the group that have this id; undefined for a group of others. Without a prefix others can be called alike. */
export function groupOfId(
  prefix: string,
  groupId: string
): { readonly input: string; readonly group: string } | undefined {
  const colon = groupId.indexOf(':')
  if (!groupId.startsWith(prefix) || colon < prefix.length) return undefined
  return { input: groupId.slice(prefix.length, colon), group: groupId.slice(colon + 1) }
}

/** The topic, without the prefix, that keeps the state of a group that reads the input. */
export const stateTopicOf = (input: string, group: string): string => `${input}.${group}.state`

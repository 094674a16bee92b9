import { describeWith } from './describe-tools.ts'

/** Where a Kafka can be started. */
export const describeKafka = describeWith('java', 'mvn')

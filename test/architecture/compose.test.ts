import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { loadConfig } from '@earshot/runtime'
import { parse } from 'yaml'
import { roles } from '../../services/earshot/instance.ts'

type Service = {
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly volumes?: readonly string[]
}
type Compose = { readonly services: Readonly<Record<string, Service>> }

const file = new URL('../../deploy/compose/compose.yaml', import.meta.url)
const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as Compose
const ours = Object.entries(services).filter(([name]) => name !== 'kafka')

describe('deploy/compose', () => {
  it('has every role, and what makes the topics', () => {
    expect(new Set(ours.map(([, { command }]) => command?.join()))).toEqual(new Set([...roles, 'topics']))
  })

  it.each(ours)('gives %s settings that there are', (_, { environment = {} }) => {
    const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]))
    expect(loadConfig({ flags: {}, env }).kafka.brokers).toBe('127.0.0.1:9092')
  })

  it('keeps what Kafka and the collector keep in volumes, which outlive their containers', () => {
    const { kafka, collector } = services
    expect(kafka!.volumes).toContain(`kafka:${kafka!.environment!.KAFKA_LOG_DIRS}`)
    expect(collector!.volumes).toContain(`spool:${collector!.environment!.EARSHOT_DATA_DIR}`)
  })
})

import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { configReference } from '@earshot/runtime'
import { clickhouseSql } from '@earshot/store'
import { metricsReference } from '@earshot/telemetry'

it.each([
  { name: 'docs/configuration.md', text: configReference() },
  { name: 'docs/metrics.md', text: metricsReference() },
  { name: 'deploy/clickhouse/schema.sql', text: clickhouseSql() }
])('$name is as `npm run docs` writes it', ({ name, text }) => {
  expect(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')).toBe(text)
})

import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { configReference } from '@earshot/runtime'
import { metricsReference } from '@earshot/telemetry'

it.each([
  { name: 'configuration.md', text: configReference() },
  { name: 'metrics.md', text: metricsReference() }
])('docs/$name is as `npm run docs` writes it', ({ name, text }) => {
  expect(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')).toBe(text)
})

import { writeFileSync } from 'node:fs'
import { configReference } from '@earshot/runtime'
import { metricsReference } from '@earshot/telemetry'

/*
 * Writes the references in docs/ from the schema of the configuration and the catalogue of metrics:
 *
 *   npm run docs
 */
const docs = new URL('../../docs/', import.meta.url)

writeFileSync(new URL('configuration.md', docs), configReference())
writeFileSync(new URL('metrics.md', docs), metricsReference())

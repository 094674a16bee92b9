import { writeFileSync } from 'node:fs'
import { configReference } from '@earshot/runtime'
import { clickhouseSql } from '@earshot/store'
import { metricsReference } from '@earshot/telemetry'

/*
 * Writes the references in docs/ from the schema of the configuration and the catalogue of metrics, and what ClickHouse
 * is to have:
 *
 *   npm run docs
 */
const docs = new URL('../../docs/', import.meta.url)

writeFileSync(new URL('configuration.md', docs), configReference())
writeFileSync(new URL('metrics.md', docs), metricsReference())
writeFileSync(new URL('../deploy/clickhouse/schema.sql', docs), clickhouseSql())

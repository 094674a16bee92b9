import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chart, madeFiles } from './chart.ts'

/*
 * Writes what of the chart is made from something else:
 *
 *   npm run chart
 */
rmSync(join(chart, 'files'), { recursive: true, force: true })
for (const [file, text] of Object.entries(madeFiles())) {
  mkdirSync(dirname(join(chart, file)), { recursive: true })
  writeFileSync(join(chart, file), text)
}

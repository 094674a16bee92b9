import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generatedDashboards } from './src/generated.ts'

/* npm run dashboards writes dashboards/generated/grafana. */

const folder = join(import.meta.dirname, 'generated/grafana')
await rm(folder, { recursive: true, force: true })
for (const [path, content] of Object.entries(generatedDashboards())) {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

/**
 * Draws the dashboards as docs/dashboards.md shows them, without Grafana: of what a real Prometheus answers to their own queries
 * after the carriers' hour.
 * Run: npm run dashboards:pictures   (CHROMIUM names the browser)
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { chromium } from 'playwright-core'
import { askedBy } from '../../dashboards/src/asked.fixture.ts'
import { boards } from '../../dashboards/src/boards.ts'
import { carrierHour } from './carrier-hour.ts'
import type { Given } from './chart.ts'
import { sheet } from './sheet.ts'

const images = join(import.meta.dirname, '../../docs/images')
const folder = mkdtempSync(join(tmpdir(), 'earshot-'))
const { prometheus, from, to } = await carrierHour(folder)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
})
try {
  for (const board of boards) {
    const asked = askedBy(board, { __rate_interval: '2m', __range: '45m' })
    const answers = async ({ title }: Panel): Promise<Given[]> =>
      Promise.all(
        asked
          .filter(({ panel }) => panel === title)
          .map(async ({ legend, expression, instant }) => ({
            legend,
            series: instant
              ? await prometheus.query(expression, to)
              : await prometheus.queryRange(expression, { from: from + 60, to, step: 30 })
          }))
      )
    const page = await browser.newPage({ viewport: { width: 1380, height: 800 } })
    await page.setContent(await sheet(board, answers))
    await page.screenshot({ path: join(images, `dashboard-${board.uid?.replace('earshot-', '')}.png`), fullPage: true })
    await page.close()
  }
} finally {
  await browser.close()
  await prometheus.end()
  rmSync(folder, { recursive: true, force: true })
}

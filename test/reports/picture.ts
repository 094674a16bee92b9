/**
 * Takes the picture of a report that docs/reports.md shows, of five weeks of generated traffic; some minutes.
 * Run: node test/reports/picture.ts   (CHROMIUM names the browser)
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { epochMicros } from '@earshot/units'
import { fillStore } from './carrier-store.ts'

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'earshot-'))
try {
  const start = epochMicros(Date.parse('2026-09-28T00:00Z') * 1e3)
  await fillStore(folder, { start, days: 35, attemptsPerSecond: 0.15 })
  const asked = ['report', 'capacity', '--from', '2026-09-28', '--to', '2026-11-01', '--format', 'html']
  const settings = ['--data-dir', folder, '--peers-file', join(folder, 'peers.yaml')]
  const page = execFileSync(process.execPath, [file('../../services/earshot/earshot.js'), ...asked, ...settings])
  writeFileSync(join(folder, 'capacity.html'), page)
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
  })
  const tab = await browser.newPage({ viewport: { width: 1280, height: 1060 } })
  await tab.goto(pathToFileURL(join(folder, 'capacity.html')).href)
  await tab.screenshot({ path: file('../../docs/images/report-capacity.png') })
  await browser.close()
} finally {
  rmSync(folder, { recursive: true })
}

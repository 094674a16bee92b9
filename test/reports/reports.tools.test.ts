import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { epochMicros } from '@earshot/units'
import { launched } from '../browser/chromium.ts'
import { describeChromium } from '../browser/describe-chromium.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { fillStore } from './carrier-store.ts'

const earshot = fileURLToPath(new URL('../../services/earshot/earshot.js', import.meta.url))
const run = promisify(execFile)

describeChromium('a report as a page', () => {
  const folder = temporaryFolder()
  let browser: Browser

  beforeAll(async () => {
    const start = epochMicros(Date.parse('2026-11-02T00:00Z') * 1e3)
    await fillStore(folder, { start, days: 1, attemptsPerSecond: 0.05 })
    browser = await launched()
  }, 120_000)
  afterAll(() => browser?.close())

  it.each([
    { kind: 'capacity', says: 'Atlas Transit' },
    { kind: 'early-media', says: 'codec_mismatch' },
    { kind: 'methods', says: 'UPDATE' }
  ])(
    'of $kind is drawn, asks for nothing and runs nothing',
    async ({ kind, says }) => {
      const settings = ['--data-dir', folder, '--peers-file', join(folder, 'peers.yaml'), '--format', 'html']
      const asked = ['report', kind, '--from', '2026-11-02', '--to', '2026-11-02', ...settings]
      const { stdout } = await run(process.execPath, [earshot, ...asked], { maxBuffer: 64 << 20 })
      const file = join(folder, `${kind}.html`)
      writeFileSync(file, stdout)
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      const [asks, complaints]: [string[], string[]] = [[], []]
      page.on('request', request => void asks.push(request.url()))
      page.on('console', message => void complaints.push(message.text()))
      page.on('pageerror', error => void complaints.push(error.message))
      await page.goto(pathToFileURL(file).href)
      expect(asks).toEqual([pathToFileURL(file).href])
      expect(complaints).toEqual([])
      expect(await page.locator('table').first().innerText()).toContain(kind === 'early-media' ? 'Atlas Transit' : says)
      expect(await page.locator('body').innerText()).toContain(says)
      const chart = await page.locator('svg').first().boundingBox()
      expect(chart!.width).toBeGreaterThan(400)
      expect(chart!.height).toBeGreaterThan(50)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1280)
      expect((await page.pdf({ preferCSSPageSize: true })).subarray(0, 5).toString()).toBe('%PDF-')
      await page.close()
    },
    60_000
  )
})

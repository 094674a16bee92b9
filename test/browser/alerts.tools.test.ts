import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { epochMicros } from '@earshot/units'
import { frameOf } from '../../services/earshot/replay.ts'
import { RunningEarshot } from '../earshot.ts'
import { regression } from '../e2e/alerts.ts'
import { Pump } from '../e2e/pump.ts'
import { launched } from './chromium.ts'
import { describeChromium } from './describe-chromium.ts'

describeChromium('the page', () => {
  let earshot: RunningEarshot
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    earshot = await RunningEarshot.up('--clock', 'capture', '--memory')
    const frames = Iterator.from(regression(epochMicros((Date.now() - 120e3) * 1e3))).map(captured =>
      frameOf(captured)!
    )
    expect(await new Pump(earshot.ports.tcp, frames).over()).toBe('done')
    browser = await launched()
    page = await browser.newPage()
    await page.goto(earshot.url)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await earshot?.end('SIGTERM')
  }, 30_000)

  it('lets people acknowledge and silence an alert with the keyboard alone, and end the silence', async () => {
    const summary = page.locator('.alerts summary')
    await summary.focus({ timeout: 20_000 })
    await page.keyboard.press('Enter')
    // Calls to look at, the peer, the runbook and the link come before.
    const focused = page.locator('.actions input:focus')
    for (let tabs = 0; tabs < 20 && (await focused.count()) === 0; tabs++) await page.keyboard.press('Tab')
    await page.keyboard.type('ann')
    await page.keyboard.press('Enter')
    await summary.getByText('acknowledged by ann').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await summary.getByText('silenced until').waitFor()
    const end = page.getByRole('button', { name: /^End the silence of method regression of / })
    await end.focus()
    await page.keyboard.press('Enter')
    await summary.getByText('silenced until').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Runbook' }).click()
    await page.getByText('Alert `method_regression`').waitFor()
  }, 60_000)
})

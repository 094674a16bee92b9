import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Browser, Locator, Page } from 'playwright-core'
import { ladder } from '@earshot/traffic'
import { plus, seconds } from '@earshot/units'
import { frameOf } from '../../services/earshot/replay.ts'
import { earshot, RunningEarshot } from '../earshot.ts'
import { b2buaCalls } from '../e2e/b2bua.ts'
import { Pump } from '../e2e/pump.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { launched } from './chromium.ts'
import { describeChromium } from './describe-chromium.ts'

/** The calls are over and told by then, and their messages are still at hand. */
const later = ladder('0 a>b INVITE call=99\n10 b>a 486 call=99', {
  start: plus(b2buaCalls[0]!.capturedAt, seconds(200))
})

describeChromium('a call through a B2BUA', () => {
  const folder = temporaryFolder()
  const outer = 'call-01@ladder.example'
  const inner = 'call-02@ladder.example'
  let running: RunningEarshot
  let browser: Browser
  beforeAll(async () => {
    running = await RunningEarshot.up('--clock', 'capture', '--memory')
    const frames = Iterator.from([...b2buaCalls, ...later]).map(captured => frameOf(captured)!)
    expect(await new Pump(running.ports.tcp, frames).over()).toBe('done')
    browser = await launched()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await running?.end('SIGTERM')
  }, 30_000)

  it('is one page by either Call-ID: both legs, one ladder, the fault on the leg that has it, one capture of both', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
    const panels = page.getByRole('region', { name: /^Attempt to / })
    for (const id of [outer, inner]) await shown(page, id, panels)
    const attempts = await panels.allInnerTexts()
    const faulty = attempts.filter(text => text.includes('no common codec'))
    expect(faulty).toHaveLength(1)
    expect(faulty[0]).toContain('early media got lost on this leg: codec_mismatch')
    expect(await page.getByRole('listbox').getByRole('option').count()).toBe(6)

    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('pcap').click()])
    const capture = join(folder, 'call.pcap')
    await download.saveAs(capture)
    const { stdout } = await earshot('analyze', '--json', capture)
    const { attempts: analyzed } = JSON.parse(stdout) as { attempts: { callId: string; class: string }[] }
    const classes = Object.fromEntries(analyzed.map(({ callId, class: early }) => [callId, early]))
    expect(classes).toEqual({ [outer]: 'unusable', [inner]: 'early_media' })
    await page.close()
  }, 60_000)

  /** The page of the call, once it is known that it has two legs: each leg is told by itself before. */
  async function shown(page: Page, id: string, panels: Locator): Promise<void> {
    const ladder = page.getByRole('region', { name: 'Ladder' })
    for (;;) {
      await page.goto(`${running.url}/call?id=${encodeURIComponent(id)}`)
      await page.locator('main :is([role=alert], .attempts-of-call)').first().waitFor()
      if ((await ladder.isVisible()) && (await panels.count()) === 2) return
    }
  }
})

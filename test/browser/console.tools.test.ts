import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { carrierPeers } from '@earshot/traffic'
import { newToken } from '../../services/console/access/tokens.ts'
import { Agents } from '../../services/console/answers/agents.ts'
import { Alerts } from '../../services/console/answers/alerts.ts'
import { Call as CallShape, type Attempt, type Call, type CallsFound } from '../../services/console/answers/calls.ts'
import { Capabilities, Snapshot } from '../../services/console/answers/peers.ts'
import { earshot, RunningEarshot } from '../earshot.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { launched } from './chromium.ts'
import { describeChromium } from './describe-chromium.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The demo's first incident is there after a minute, and its alert some seconds later. */
const ALERT_MS = 120_000

type Finding = { readonly id: string; readonly nodes: readonly { readonly html: string }[] }

describeChromium('the console', () => {
  const folder = temporaryFolder()
  let demo: RunningEarshot
  let browser: Browser
  beforeAll(async () => {
    const ports = ['--hep-host', '127.0.0.1', '--hep-udp-port', '0', '--hep-tcp-port', '0']
    ;[demo, browser] = await Promise.all([RunningEarshot.start('demo', ...ports), launched()])
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await demo?.end('SIGTERM')
  }, 60_000)

  const opened = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 880 }, reducedMotion: 'reduce', ...options })
    await page.goto(`${demo.url}/${path}`)
    return page
  }

  it(
    'leads from the overview by an alert to a call, its ladder, and a capture of it that analyze reads alike',
    async () => {
      const page = await opened('')
      const alert = page.locator('.alerts li.alarm', { hasText: 'Atlas Transit rejects UPDATE' })
      await alert.locator('summary').click({ timeout: ALERT_MS })
      await alert.locator('a.call-id').first().click()

      const rung = page.getByRole('option', { name: /501 UPDATE .*from Atlas Transit/ })
      await rung.click({ timeout: 30_000 })
      expect(await page.getByRole('listbox').getAttribute('aria-label')).toBe('Messages of the call, in order')
      await page
        .getByRole('region', { name: /^Message \d+$/ })
        .getByText('SIP/2.0 501')
        .waitFor()
      expect(page.url()).toMatch(/\/call\?id=.+&message=\d+$/)

      const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('pcap').click()])
      const capture = join(folder, 'call.pcap')
      await download.saveAs(capture)
      const peers = join(folder, 'peers.yaml')
      writeFileSync(peers, JSON.stringify({ peers: carrierPeers }))
      const { code, stdout } = await earshot('analyze', '--json', '--peers', peers, capture)
      expect(code).toBe(0)
      const id = new URL(page.url()).searchParams.get('id')!
      const { attempts, rejections } = await asked<Call>(`/api/call?id=${encodeURIComponent(id)}`)
      const analyzed = JSON.parse(stdout) as {
        attempts: Attempt[]
        peers: { rejections: { transactions: number }[] }[]
      }
      expect(analyzed.attempts.map(said)).toEqual(attempts.map(said))
      const transactions = analyzed.peers.flatMap(each => each.rejections.map(rejection => rejection.transactions))
      expect(transactions.reduce((sum, count) => sum + count, 0)).toBe(rejections.length)
      await page.close()
    },
    ALERT_MS + 60_000
  )

  it('is answered in the shapes that the page is made for', async () => {
    const capabilities = '/api/peers/Atlas%20Transit/capabilities'
    Snapshot.parse(await asked('/api/peers'))
    Alerts.parse(await asked('/api/alerts'))
    Agents.parse(await asked('/api/agents'))
    let known = await asked<object>(capabilities)
    // A peer that has not answered yet is not known.
    while ('error' in known) known = await asked<object>(capabilities)
    Capabilities.parse(known)
    CallShape.parse(await asked(`/api/${await anyCall()}`))
  }, 30_000)

  it('shows a search by its URL, and goes on page by page', async () => {
    const page = await opened('calls?peer=Nordic+Telecom&outcome=answered&limit=20')
    const rows = page.locator('.found tbody tr')
    await rows.first().waitFor()
    expect(await rows.count()).toBe(20)
    const outcomes = await page.locator('.found tbody td:nth-child(5)').allInnerTexts()
    expect(new Set(outcomes.map(text => text.trim()))).toEqual(new Set(['answered']))
    const first = await rows.first().innerText()
    await page.getByRole('button', { name: 'Older' }).click()
    await page.waitForURL(/cursor=/)
    await page.goBack()
    await page.getByText(first.split('\t').at(-1)!).first().waitFor()
    await page.getByLabel('Call-ID').fill('none@nowhere')
    await page.keyboard.press('Enter')
    await page.getByText('No attempt that is kept is like that.').waitFor()
    await page.close()
  }, 30_000)

  it('goes through a ladder with the keyboard alone', async () => {
    const page = await opened(await anyCall())
    await page.locator('.rung.chosen').focus()
    await page.keyboard.press('Home')
    await page.getByRole('region', { name: 'Message 1', exact: true }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('region', { name: 'Message 2', exact: true }).waitFor()
    expect(await page.locator('.rung:focus').getAttribute('aria-selected')).toBe('true')
    await page.close()
  }, 30_000)

  describe.each([
    { width: 1280, height: 880, colorScheme: 'light' },
    { width: 1280, height: 880, colorScheme: 'dark' },
    { width: 390, height: 844, colorScheme: 'light' }
  ] as const)('at $width px, $colorScheme', ({ colorScheme, ...viewport }) => {
    it.each(['', 'peer?name=Atlas+Transit', 'calls', 'call', 'alerts', 'capacity', 'pipeline'])(
      'axe finds nothing against /%s, it fits, and it breaks none of its policy',
      async path => {
        // Axe itself is no script of the page's.
        const options = { colorScheme, viewport, bypassCSP: false }
        const page = await browser.newPage({ reducedMotion: 'reduce', ...options })
        const complaints: string[] = []
        const elsewhere: string[] = []
        page.on('console', message => void (message.type() === 'error' && complaints.push(message.text())))
        page.on('pageerror', error => void complaints.push(error.message))
        page.on('request', request => void (request.url().startsWith(demo.url) || elsewhere.push(request.url())))
        await page.goto(`${demo.url}/${path === 'call' ? await anyCall() : path}`)
        await page.locator('main :is(table, svg, .alerts, canvas):visible').first().waitFor()
        const sideways = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
        await page.evaluate(axe)
        const { violations } = await page.evaluate<{ violations: readonly Finding[] }>('axe.run()')
        await page.close()
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
        expect({ found, complaints, elsewhere, sideways }).toEqual({
          found: [],
          complaints: [],
          elsewhere: [],
          sideways: 0
        })
      },
      30_000
    )
  })

  it('answers a browser on another address with the question for a token', async () => {
    const { token, line } = newToken('ann')
    const file = join(folder, 'tokens')
    writeFileSync(file, line)
    const guarded = await RunningEarshot.up('--memory', '--http-host', '0.0.0.0', '--console-tokens-file', file)
    const url = guarded.url.replace('0.0.0.0', '127.0.0.1')
    const page = await browser.newPage()
    await page.goto(`${url}/calls?last=1h`)
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    expect(page.url()).toBe(`${url}/calls?last=1h`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
    await page.close()
    await guarded.end('SIGTERM')
  }, 60_000)

  async function asked<Answer>(path: string): Promise<Answer> {
    // Not by json(), whose objects are of another realm than those that jest's tests make, and equal none of them.
    return JSON.parse(await (await fetch(`${demo.url}${path}`)).text()) as Answer
  }

  /** One whose messages are kept. */
  async function anyCall(): Promise<string> {
    for (;;) {
      const { rows } = await asked<CallsFound>(
        '/api/calls?class=early_media&outcome=busy,no_answer,congestion&limit=50'
      )
      for (const { callId } of rows) {
        const path = `call?id=${encodeURIComponent(callId)}`
        if ((await asked<Call>(`/api/${path}`)).ladder) return path
      }
    }
  }
})

/** What both say of an attempt. */
const said = ({ callId, peer, direction, class: early, outcome, status, earlyMediaSeconds, flags }: Attempt) => ({
  callId,
  peer,
  direction,
  early,
  outcome,
  status,
  earlyMediaSeconds,
  flags
})

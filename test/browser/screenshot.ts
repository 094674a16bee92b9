/**
 * Takes the pictures of the console that README and docs show, of a demo of its own that has run for a while.
 * Run: npm run screenshots   (node test/browser/screenshot.ts --after SECONDS, default 150; CHROMIUM names the browser)
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import type { CallsFound } from '../../services/console/answers/calls.ts'
import { launched } from './chromium.ts'

type Picture = {
  readonly file: string
  /** Of the page; the call is one of those that an alert leads to. */
  readonly place: string
  readonly colorScheme: 'light' | 'dark'
  readonly viewport: { readonly width: number; readonly height: number }
}

// High enough for all rows of the demo, none of them under the sums.
const desktop = { width: 1280, height: 940 }
const phone = { width: 390, height: 1180 }
const pictures: readonly Picture[] = [
  { file: 'page.png', place: '', colorScheme: 'light', viewport: desktop },
  { file: 'page-dark.png', place: '', colorScheme: 'dark', viewport: desktop },
  { file: 'page-390.png', place: '', colorScheme: 'light', viewport: phone },
  { file: 'call.png', place: 'call', colorScheme: 'light', viewport: desktop },
  { file: 'call-390.png', place: 'call', colorScheme: 'light', viewport: phone },
  { file: 'peer.png', place: 'peer?name=Pacific+Carrier', colorScheme: 'light', viewport: desktop },
  { file: 'calls.png', place: 'calls?class=early_media', colorScheme: 'light', viewport: { width: 1280, height: 600 } },
  { file: 'capacity.png', place: 'capacity', colorScheme: 'dark', viewport: { width: 1280, height: 760 } }
]

const main = fileURLToPath(new URL('../../services/earshot/earshot.js', import.meta.url))
const images = fileURLToPath(new URL('../../docs/images', import.meta.url))
const { values } = parseArgs({ options: { after: { type: 'string', default: '150' } } })
const afterSeconds = Number(values.after)
if (!(afterSeconds >= 0)) throw new Error('--after takes a number of seconds')

const demo = await startDemo()
try {
  await sleep(afterSeconds * 1e3)
  const browser = await launched()
  mkdirSync(images, { recursive: true })
  for (const picture of pictures) await take(browser, picture, demo.url)
  await browser.close()
} finally {
  demo.child.kill('SIGTERM')
  await once(demo.child, 'close')
}

/** A demo on ports that the system chose; resolves when it listens. */
async function startDemo(): Promise<{ child: ChildProcess; url: string }> {
  const ports = ['--hep-host', '127.0.0.1', '--hep-udp-port', '0', '--hep-tcp-port', '0', '--http-port', '0']
  const child = spawn(process.execPath, [main, 'demo', ...ports], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as { readonly msg: string; readonly http: string }
    if (entry.msg !== 'listening') continue
    child.stdout.resume()
    return { child, url: entry.http }
  }
  throw new Error('the demo ended before it listened')
}

async function take(browser: Browser, { file, place, ...view }: Picture, url: string): Promise<void> {
  // Without motion, or a figure that has just changed is caught in its flash.
  const page = await browser.newPage({ ...view, reducedMotion: 'reduce' })
  await page.goto(`${url}/${place === 'call' ? await callOfAlert(url) : place}`)
  await page.locator('main :is(table, canvas, .ladder-room svg):visible').first().waitFor()
  await sleep(1e3) // Charts and the rest of the page are asked for one after the other.
  const path = join(images, file)
  await page.screenshot({ path })
  await page.close()
  process.stdout.write(`${file}: ${Math.round(statSync(path).size / 1e3)} kB\n`)
}

/** The place of a call that was rejected, with early media before the answer, where there is one. */
async function callOfAlert(url: string): Promise<string> {
  const ask = async <Answer>(path: string) => (await (await fetch(`${url}${path}`)).json()) as Answer
  const { rows } = await ask<CallsFound>('/api/calls?class=early_media&method=UPDATE&limit=100')
  const [{ callId } = { callId: '' }] = rows
  return `call?id=${encodeURIComponent(callId)}`
}

/**
 * Takes the pictures of the page that the README shows, of a demo of its own that has run for a while.
 * Run: npm run screenshots   (node test/browser/screenshot.ts --after SECONDS, default 100; CHROMIUM names the browser)
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium, type BrowserContext } from 'playwright-core'

type Picture = {
  readonly file: string
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
}

const pictures: readonly Picture[] = [
  { file: 'page.png', width: 1280, height: 800, colorScheme: 'light' },
  { file: 'page-dark.png', width: 1280, height: 800, colorScheme: 'dark' },
  { file: 'page-390.png', width: 390, height: 844, colorScheme: 'light' }
]

const main = fileURLToPath(new URL('../../services/earshot/main.ts', import.meta.url))
const images = fileURLToPath(new URL('../../docs/images', import.meta.url))
const browserArguments =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

const { values } = parseArgs({ options: { after: { type: 'string', default: '100' } } })
const afterSeconds = Number(values.after)
if (!(afterSeconds >= 0)) throw new Error('--after takes a number of seconds')

const profile = mkdtempSync(join(tmpdir(), 'earshot-screenshot-'))
const { child, url } = await startDemo()
try {
  await sleep(afterSeconds * 1e3)
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: browserArguments.split(' '),
    // The pictures are smaller and the same twice without the flash of a changed figure.
    reducedMotion: 'reduce'
  })
  for (const picture of pictures) await take(browser, picture, url)
  await browser.close()
} finally {
  child.kill('SIGTERM')
  await once(child, 'close')
  rmSync(profile, { recursive: true, force: true })
}

/** A demo on ports that the system chose; resolves when it listens. */
async function startDemo(): Promise<{ child: ChildProcess; url: string }> {
  const ports = ['--hep-host', '127.0.0.1', '--hep-udp-port', '0', '--hep-tcp-port', '0', '--http-port', '0']
  const demo = spawn(process.execPath, [main, 'demo', ...ports], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: demo.stdout })) {
    const entry = JSON.parse(line) as { readonly msg: string; readonly http: string }
    if (entry.msg !== 'listening') continue
    demo.stdout.resume()
    return { child: demo, url: entry.http }
  }
  throw new Error('the demo ended before it listened')
}

/** The whole page if it is short, else as much as a reader sees first, twice. */
async function take(browser: BrowserContext, { file, width, height, colorScheme }: Picture, at: string): Promise<void> {
  const page = await browser.newPage()
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme })
  await page.goto(at)
  await page.getByRole('row').nth(3).waitFor()
  const length = await page.evaluate('document.documentElement.scrollHeight')
  await page.setViewportSize({ width, height: Math.min(Number(length), 2 * height) })
  const path = join(images, file)
  await page.screenshot({ path })
  await page.close()
  process.stdout.write(`${file}: ${Math.round(statSync(path).size / 1e3)} kB\n`)
}

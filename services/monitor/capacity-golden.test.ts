import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { Alert } from '@earshot/peers'
import { Detection } from './detection.ts'
import { after, noon } from './monitor.fixture.ts'

const folder = new URL('testdata/capacity/', import.meta.url)

/** What was kept while a peer was short of headroom. */
type Golden = { readonly state: Readonly<Record<string, string>> }

const fresh = (): Detection => new Detection({ sources: 1, contractOf: () => ({ calls: 10, cps: 5 }) })

function detect(detection: Detection, at: number, calls: number, until: number): Alert[] {
  const row = { kind: 'load', peer: 'far', direction: 'outbound', attempts: 3 } as const
  detection.holdRows([{ ...row, second: noon / 1e6 + at, calls }], 0)
  detection.settle({ partition: 0, watermark: after(until), settled: after(until) })
  return detection.detect()
}

// WRITE_STATE=v2 node … adds the golden file of a new version; those of a former one are never written again.
const adds = process.env['WRITE_STATE']
if (adds !== undefined) {
  mkdirSync(folder, { recursive: true })
  const detection = fresh()
  detect(detection, 3, 9, 10)
  const state = Object.fromEntries(
    detection.changes().flatMap(({ key, value }) => (value ? [[key, value.toString()]] : []))
  )
  writeFileSync(new URL(`${adds}.json`, folder), `${JSON.stringify({ state }, null, 2)}\n`, { flag: 'wx' })
}

describe('what a former version knew of capacity', () => {
  it.each(readdirSync(folder))('%s is read, and goes on', file => {
    const { state } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Golden
    const detection = fresh()
    for (const [key, value] of Object.entries(state)) detection.restore({ key, value: Buffer.from(value) })
    detection.resume()
    expect([...detection.book.active()]).toMatchObject([{ kind: 'headroom', severity: 'warning', startedAt: after(3) }])
    const [worse, critical] = detect(detection, 20, 2, 25)
    expect(worse).toMatchObject({ severity: 'warning', endedAt: after(20) })
    expect(critical).toMatchObject({ severity: 'critical', startedAt: after(20), evidence: { calls: 11 } })
    expect(detection.capacity.busiest('far', 'both')).toEqual({
      busySecond: { attempts: 3, at: '2026-01-01T00:00:03Z' },
      peak: { calls: 11, at: '2026-01-01T00:00:20Z' }
    })
  })
})

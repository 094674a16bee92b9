import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { Evidence } from '@earshot/calls'
import { minus, seconds } from '@earshot/units'
import { Detection } from './detection.ts'
import { after, noon } from './monitor.fixture.ts'

const folder = new URL('testdata/detection/', import.meta.url)

/** What was kept in the middle of a regression and of an Allow drop. */
type Golden = { readonly state: Readonly<Record<string, string>> }

const second = (at: number): number => noon / 1e6 + at

const answers = (count: number, from: number, code: number): Evidence[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'method',
    second: second(from + index),
    peer: 'far',
    agent: 'X/1',
    method: 'UPDATE',
    code,
    count: 1,
    callId: `${from + index}@x`
  }))

const allows = (at: number, methods: readonly string[], count: number): Evidence => ({
  kind: 'allowed',
  second: second(at),
  peer: 'far',
  agent: 'X/1',
  source: 'answer',
  methods,
  count
})

function detect(detection: Detection, rows: readonly Evidence[], until: number) {
  detection.holdRows(rows, 0)
  detection.settle({ partition: 0, watermark: after(until), settled: minus(after(until), seconds(2)) })
  return detection.detect()
}

// WRITE_STATE=v2 node … adds the golden file of a new version; those of a former one are never written again.
const adds = process.env['WRITE_STATE']
if (adds !== undefined) {
  mkdirSync(folder, { recursive: true })
  const detection = new Detection({ sources: 1 })
  const allowed = [allows(0, ['INVITE', 'UPDATE'], 50), allows(65, ['INVITE'], 19)]
  detect(detection, [...answers(20, 0, 200), ...answers(5, 60, 501), ...answers(3, 70, 200), ...allowed], 100)
  const state = Object.fromEntries(
    detection.changes().flatMap(({ key, value }) => (value ? [[key, value.toString()]] : []))
  )
  writeFileSync(new URL(`${adds}.json`, folder), `${JSON.stringify({ state }, null, 2)}\n`, { flag: 'wx' })
}

describe('what a former version had detected', () => {
  it.each(readdirSync(folder))('%s is read, and goes on', file => {
    const { state } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Golden
    const detection = new Detection({ sources: 1 })
    for (const [key, value] of Object.entries(state)) detection.restore({ key, value: Buffer.from(value) })
    detection.resume()
    expect([...detection.book.active()]).toMatchObject([{ kind: 'method_regression', startedAt: after(60) }])
    const alerts = detect(detection, [...answers(17, 200, 200), allows(210, ['INVITE'], 1)], 300)
    expect(alerts.map(({ kind, startedAt, endedAt }) => [kind, startedAt, endedAt])).toEqual(
      expect.arrayContaining([
        ['method_regression', after(60), after(216)],
        ['allow_drop', after(65), undefined]
      ])
    )
  })
})

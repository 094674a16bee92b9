import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import type { Alert } from '../alert.ts'
import { addMinute, after, inShort, monday, steady, type Traffic } from './traffic-watch.fixture.ts'
import { TrafficWatch } from './traffic-watch.ts'

const folder = new URL('../../testdata/detection/', import.meta.url)

const CUT = 617
const traffic: Traffic = minute => {
  const isSilent = minute >= 400 && minute < 430
  if (isSilent) return undefined
  return {
    ...steady(12)(minute),
    rejections501: minute >= 610 && minute < 630 ? 8 : 0,
    delays: [0, 4, 5, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  }
}

function run(detector: TrafficWatch, from: number, to: number): Alert[] {
  for (let minute = from; minute < to; minute++) {
    const counts = traffic(minute)
    if (counts) addMinute(detector, monday + minute, counts)
    detector.advance(after(monday + minute))
  }
  return detector.alerts()
}

// WRITE_STATE=v2 npm run jest … adds the golden file of a new version; those of a former one are never written again.
const adds = process.env['WRITE_STATE']
if (adds !== undefined) {
  const detector = new TrafficWatch({ keepsChanges: true })
  run(detector, 0, CUT)
  const state = detector.changes().flatMap(({ key, value }) => (value ? [[key, value.toString()]] : []))
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${adds}.json`, folder), `${JSON.stringify(Object.fromEntries(state), null, 1)}\n`, {
    flag: 'wx'
  })
}

it.each(readdirSync(folder).filter(file => file.endsWith('.json')))('the state in %s is read, and goes on', file => {
  const state = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Record<string, string>
  const detector = new TrafficWatch()
  for (const [key, value] of Object.entries(state)) detector.restore(key, Buffer.from(value))
  expect(detector.active()).toMatchObject([{ kind: 'spike', signal: 'rejections_501' }])
  expect(run(detector, CUT, 700).map(inShort)).toMatchObject([{ kind: 'spike', signal: 'rejections_501', from: 610 }])
})

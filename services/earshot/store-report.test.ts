import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { byAddress, defaultLimits, type AttemptRecord } from '@earshot/calls'
import { loadConfig, type Config } from '@earshot/runtime'
import { SqliteStore } from '@earshot/store'
import { ladder } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { BadReportRequest } from '../reports/range.ts'
import { Analysis } from './analysis.ts'
import { storeReport, type ReportOptions } from './store-report.ts'

const folder = temporaryFolder()
const peersFile = join(folder, 'peers.yaml')
writeFileSync(peersFile, 'peers:\n  - { name: atlantic, group: west, members: [203.0.113.7] }\n')

const config = (flags: Record<string, unknown> = {}): Config =>
  loadConfig({ flags: { dataDir: folder, ...flags }, env: {} })

async function printed(kind: Parameters<typeof storeReport>[0], asked: Partial<ReportOptions>, settings = config()) {
  let text = ''
  const options = { from: '2026-01-01', to: '2026-01-01', format: 'table', blocking: 0.01, ...asked } as const
  await storeReport(kind, options, settings, async piece => void (text += piece))
  return text
}

describe('earshot report', () => {
  it('says of a folder without a store that it has none, and makes none', async () => {
    await expect(printed('capacity', {})).rejects.toThrow(BadReportRequest)
    await expect(printed('capacity', {})).rejects.toThrow(/^there is no store in .*earshot up/)
  })

  it('prints what records came to the store, though nobody has summed them up', async () => {
    const attempts: AttemptRecord[] = []
    const analysis = new Analysis({
      parties: byAddress,
      limits: defaultLimits,
      onRecord: record => void (record.kind === 'attempt' && attempts.push(record))
    })
    const start = epochMicros(Date.parse('2026-01-01T10:00Z') * 1e3)
    for (const message of ladder('0 a>b INVITE +S\n500 b>a 183 tt=x +S\n5500 b>a 480 tt=x', { start }))
      analysis.add(message)
    analysis.finish()
    const store = new SqliteStore(join(folder, 'store.sqlite'))
    await store.start()
    await store.write({ attempts })
    await store.stop()

    expect(await printed('capacity', { format: 'csv' })).toMatch(/\n203\.0\.113\.7,outbound,1,0,1,2026-01-01 10:00,1,/)
    expect(JSON.parse(await printed('early-media', { format: 'json' }))).toMatchObject({
      kind: 'early-media',
      from: '2026-01-01T00:00:00.000Z',
      rows: [{ earlyMedia: 1, outcomes: { no_answer: 1 }, seconds: 5, unanswered: { attempts: 1, meanSeconds: 5 } }]
    })
    expect(await printed('methods', {})).toContain('nothing')
    expect(await printed('capacity', { to: '2026-01-02' }, config({ timezone: 'Europe/Berlin' }))).toContain(
      '2026-01-01 00:00 to 2026-01-03 00:00, Europe/Berlin'
    )
  })

  it('knows the groups of the registry', async () => {
    await expect(printed('capacity', { group: 'east' }, config({ peersFile }))).rejects.toThrow(
      'no group east: groups are west'
    )
    expect(await printed('capacity', { group: 'west' }, config({ peersFile }))).toContain('nothing')
  })
})

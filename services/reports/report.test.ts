import { describe, expect, it, jest } from '@jest/globals'
import { emptyRegistry } from '@earshot/peers'
import { reportKinds, type ReportKind } from './choices.ts'
import { after, hour, storeOf } from './hours.fixture.ts'
import { LocalTime } from './local-time.ts'
import { reportCsv } from './report-csv.ts'
import { reportHtml } from './report-html.ts'
import { reportText } from './report-text.ts'
import { documentOf, makeReport, reportJson } from './report.ts'

const local = new LocalTime('Europe/Berlin')
const hostile = '<script>alert("1")</script>'

const busy = {
  setup: 0.25,
  earlyMedia: 1.5,
  talk: 10,
  peak: 1234,
  second: 3,
  sums: {
    attempts: { early_media: { answered: 1500, no_answer: 300 } },
    earlyMediaMicros: 5400e6,
    diagnoses: { codec_mismatch: 12 },
    rejections: { 'UPDATE 501': 7 },
    tallies: { parts: { judged: 1800, early_media: 1800, early_media_answered: 1500 }, spreads: {} }
  }
}

const store = storeOf(
  [
    ...hour('atlantic', 1, 'outbound', busy),
    ...hour('=1+1', 2, 'outbound', busy),
    ...hour(hostile, 2, 'inbound', busy)
  ],
  {
    alerts: [
      {
        id: 'r',
        kind: 'method_regression',
        peer: 'atlantic',
        method: 'UPDATE',
        severity: 'warning',
        startedAt: after(1),
        raisedAt: after(1),
        summary: 'atlantic rejects UPDATE',
        evidence: {},
        advice: '',
        runbook: 'method-regression'
      }
    ]
  }
)

const made = (kind: ReportKind) =>
  makeReport(kind, { store, registry: emptyRegistry, local }, { from: after(0), to: after(24) })

// The first chart waits until vega is read.
jest.setTimeout(30_000)

describe('a report', () => {
  it('has the same numbers in a terminal, readable', async () => {
    const text = reportText(documentOf(await made('capacity'), local))
    expect(text).toMatch(/^Capacity: 2026-11-02 01:00 to 2026-11-03 01:00, Europe\/Berlin\n/)
    expect(text).toMatch(/│ atlantic +│ outbound +│ +1,800 │ .* 1,234 │/)
  })

  it('has every column and plain numbers for a spreadsheet, and no formula from the wire', async () => {
    const [head, ...lines] = reportCsv(documentOf(await made('capacity'), local))
      .trim()
      .split('\n')
    expect(head).toMatch(/^peer,direction,attempts,blocked,busySecondAttempts,busySecondAt,peakCalls,/)
    expect(lines.find(line => line.startsWith('atlantic'))).toMatch(
      /^atlantic,outbound,1800,0,3,2026-11-02 02:00,1234,/
    )
    expect(lines.some(line => line.startsWith("'=1+1,"))).toBe(true)
  })

  it('has times as text in JSON', async () => {
    expect(JSON.parse(reportJson(await made('capacity')))).toMatchObject({
      kind: 'capacity',
      from: '2026-11-02T00:00:00.000Z',
      rows: [{}, {}, { busySecond: { at: '2026-11-02T01:00:05.000Z' }, hours: [{ at: '2026-11-02T01:00:00.000Z' }] }]
    })
    expect(JSON.parse(reportJson(await made('methods')))).toMatchObject({
      regressions: [{ startedAt: '2026-11-02T01:00:00.000Z' }]
    })
  })

  it.each(reportKinds)('of %s is one page with its charts, that needs nothing from elsewhere', async kind => {
    const html = await reportHtml(documentOf(await made(kind), local))
    expect(html).toContain('<svg')
    expect(html).not.toMatch(/<script|<link|<img|\bsrc=|@import|url\(|javascript:/i)
    expect(html).not.toMatch(/href=/)
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/)
  })

  it('of nothing says so', async () => {
    const source = { store: storeOf([]), registry: emptyRegistry, local }
    for (const kind of reportKinds) {
      const document = documentOf(await makeReport(kind, source, { from: after(0), to: after(24) }), local)
      expect(reportText(document)).toContain('nothing')
      expect(await reportHtml(document)).toContain('nothing')
      expect(reportCsv(document).split('\n')).toHaveLength(2)
    }
  })
})

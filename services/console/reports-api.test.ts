import { describe, expect, it, jest } from '@jest/globals'
import { SqliteStore } from '@earshot/store'
import { after, hour, storeOf } from '../reports/hours.fixture.ts'
import { reportKinds } from '../reports/choices.ts'
import { Report } from './answers/reports.ts'
import { consoleServer } from './console.fixture.ts'

const store = storeOf([
  ...hour('atlantic', 1, 'outbound', {
    setup: 0.25,
    earlyMedia: 1,
    talk: 10,
    peak: 14,
    second: 3,
    sums: { attempts: { early_media: { answered: 15, busy: 3 } }, rejections: { 'UPDATE 501': 7 } }
  })
])

const whole = Object.assign(new SqliteStore(), store)

const answerOf = (url: string) => consoleServer({ store: whole, now: () => after(24) }).app.inject(url)

// The first chart waits until vega is read.
jest.setTimeout(30_000)

describe('/api/reports', () => {
  it.each(reportKinds)('answers %s as its schema says', async kind => {
    const answer = await answerOf(`/api/reports/${kind}?from=2026-11-02&peer=atlantic`)
    expect(answer.statusCode).toBe(200)
    const report = Report.parse(answer.json())
    expect(report).toMatchObject({ kind, from: '2026-11-02T00:00:00.000Z', to: '2026-11-03T00:00:00.000Z' })
    expect(report.rows).toHaveLength(1)
  })

  it('gives it as a table and as a page, too', async () => {
    const csv = await answerOf('/api/reports/capacity/csv')
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(csv.body).toMatch(/^peer,direction,attempts,.*\natlantic,outbound,18,/)
    const html = await answerOf('/api/reports/methods/html')
    expect(html.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(html.headers['content-security-policy']).toBe("default-src 'none'; style-src 'unsafe-inline'")
    expect(html.body).toMatch(/^<!doctype html>[^]*<svg/)
  })

  it.each([
    { url: '/api/reports/profit', says: 'kind' },
    { url: '/api/reports/capacity?from=soon', says: 'soon is no time' },
    { url: '/api/reports/capacity?from=0001-01-01', says: '0001-01-01 is no time' },
    { url: '/api/reports/capacity?from=2026-12-01', says: 'nothing lies between' },
    { url: '/api/reports/capacity?blocking=1', says: 'blocking' },
    { url: '/api/reports/capacity?peers=atlantic', says: 'peers' }
  ])('says of $url what is wrong', async ({ url, says }) => {
    const answer = await answerOf(url)
    expect(answer.statusCode).toBe(400)
    expect(answer.json<{ message: string }>().message).toContain(says)
  })

  it('makes one at a time', async () => {
    const { app } = consoleServer({ store: whole, now: () => after(24) })
    const url = '/api/reports/capacity'
    const [first, second] = await Promise.all([app.inject(url), app.inject(`${url}/csv`)])
    expect([first.statusCode, second.statusCode]).toEqual([200, 503])
    expect(second.json()).toEqual({ error: 'unavailable', message: expect.stringContaining('Another report') })
    expect((await app.inject(`${url}?from=soon`)).statusCode).toBe(400)
    expect((await app.inject(url)).statusCode).toBe(200)
  })
})

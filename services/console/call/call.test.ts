import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AttemptRecord } from '@earshot/calls'
import type { HttpServer } from '@earshot/runtime'
import { SearchError, SqliteStore } from '@earshot/store'
import { attemptRow } from '../../attempt-row.ts'
import { Analysis, type Summary } from '../../earshot/analysis.ts'
import { Merge } from '../../earshot/merge.ts'
import { captureWriter } from '../../earshot/captures.fixture.ts'
import type { Call, CallsFound } from '../answers/calls.ts'
import { Call as CallShape, CallsFound as CallsFoundShape } from '../answers/calls.ts'
import { end, recordsOfCarriers, registry, rules } from '../carriers.fixture.ts'
import { consoleServer } from '../console.fixture.ts'
import { attemptsOf } from './derive.ts'

const capture = captureWriter()

const { attempts, rejections, callEnds, messages: raw } = recordsOfCarriers()
const faulty = attempts.find(({ atFault }) => atFault)!
const byCall = Map.groupBy(attempts, ({ callId }) => callId)

const sorted = (some: readonly AttemptRecord[]) => [...some].sort((a, b) => (a.id < b.id ? -1 : 1))

describe('a call of which the messages are kept', () => {
  const store = new SqliteStore(undefined)
  let http: HttpServer
  const get = (url: string) => http.app.inject({ url, headers: { host: 'localhost' } })

  beforeAll(async () => {
    await store.start()
    await store.write({ attempts, rejections, callEnds, messages: raw })
    http = consoleServer({ store, rules, registry: () => registry })
  })
  afterAll(async () => {
    await http.app.close()
    await store.stop()
  })

  it('makes the same records alone as among all others', () => {
    expect(byCall.size).toBeGreaterThan(100)
    for (const [callId, its] of byCall) {
      const own = raw.filter(message => message.callId === callId)
      // When the clock closed it depends on when others moved the clock.
      const untimed = (all: readonly AttemptRecord[]) => sorted(all).map(({ closedAt: _closedAt, ...record }) => record)
      expect(untimed(attemptsOf(own, rules, end))).toEqual(untimed(its))
    }
  })

  it('is found, and shown with its ladder, its early media and the message at fault', async () => {
    const found = await get(`/api/calls?diagnosis=${faulty.atFault![0]!.code}&limit=5`)
    const { rows } = CallsFoundShape.parse(found.json<CallsFound>())
    expect(rows.length).toBeGreaterThan(0)
    const callId = rows[0]!.callId
    const call = CallShape.parse((await get(`/api/call?id=${encodeURIComponent(callId)}`)).json<Call>())
    expect(call.attempts.map(({ id }) => id)).toContain(rows[0]!.id)
    expect(call.ladder!.rungs[0]).toMatchObject({ seconds: 0, label: 'INVITE', from: 0, to: 1 })
    expect(call.ladder!.rungs.some(({ atFault }) => atFault.length > 0)).toBe(true)
    expect(call.ladder!.rungs[0]!.text).toMatch(/^INVITE sip:/)
    expect(call.derived).toBe(false)
  })

  it('has the message marked that rejected a method', async () => {
    const { callId, method, code } = rejections.find(({ method }) => method === 'UPDATE')!
    const { ladder } = (await get(`/api/call?id=${encodeURIComponent(callId)}`)).json<Call>()
    const marked = ladder!.rungs.filter(({ atFault }) => atFault.includes('method_rejected'))
    expect(marked.map(({ label }) => label)).toEqual([`${code} ${method}`])
  })

  it('is shown by its messages alone where its records are not kept yet', async () => {
    const [callId, its] = [...byCall].find(([, all]) => all.some(({ class: early }) => early === 'early_media'))!
    const young = new SqliteStore(undefined)
    await young.start()
    await young.write({ messages: raw.filter(message => message.callId === callId) })
    const { app } = consoleServer({
      store: young,
      rules,
      figures: { ...http, rows: () => [], watermark: end } as never
    })
    const call = (await app.inject({ url: `/api/call?id=${callId}`, headers: { host: 'localhost' } })).json<Call>()
    expect(call.derived).toBe(true)
    expect(call.attempts).toEqual(its.map(record => JSON.parse(JSON.stringify(attemptRow(record)))))
    await app.close()
    await young.stop()
  })

  it('is exported so that analyze says the same of it', async () => {
    const some = [...byCall].filter((_, index) => index % 10 === 0)
    for (const [callId, its] of some) {
      const { headers, rawPayload } = await get(`/api/call/export?format=pcap&id=${encodeURIComponent(callId)}`)
      expect(headers['content-type']).toBe('application/vnd.tcpdump.pcap')
      const { attempts, summary } = await analyzed(`${callId}.pcap`, rawPayload)
      const row = (record: AttemptRecord) => attemptRow({ ...record, registry: '' })
      expect(sorted(attempts).map(row)).toEqual(sorted(its).map(row))
      expect(summary.peers.reduce((sum, peer) => sum + peer.attempts, 0)).toBe(
        its.filter(({ direction }) => direction !== 'internal').length
      )
    }
  })

  it('is exported as explain draws it, and as JSON', async () => {
    const { callId, diagnosis } = faulty
    const text = (await get(`/api/call/export?format=text&id=${encodeURIComponent(callId)}`)).body
    expect(text).toMatch(/✗ +\d+\.\d{3}/)
    expect(text.replaceAll(/\s+/g, ' ')).toContain(diagnosis!.text.replaceAll(/\s+/g, ' '))
    const json = (await get(`/api/call/export?format=json&id=${encodeURIComponent(callId)}`)).json<Call>()
    expect(CallShape.parse(json).callId).toBe(callId)
  })

  it.each(['/api/call?id=none', '/api/call/export?format=pcap&id=none'])('%s is none', async url => {
    const answer = await get(url)
    expect([answer.statusCode, answer.json()]).toEqual([404, { error: 'not_found', message: expect.any(String) }])
  })

  it.each(['number=abc', 'outcome=lost', 'from=yesterday', 'limit=0', 'cursor=nonsense', 'unknown=1'])(
    'is not searched by %s',
    async query => {
      expect((await get(`/api/calls?${query}`)).statusCode).toBe(400)
    }
  )

  it('is not searched where that would go through all calls', async () => {
    const wide = Object.assign(new SqliteStore(), {
      attempts: () => Promise.reject(new SearchError('give more digits'))
    })
    const { app } = consoleServer({ store: wide })
    const answer = await app.inject({ url: '/api/calls?caller=49*&callee=49*', headers: { host: 'localhost' } })
    expect([answer.statusCode, answer.json<{ message: string }>().message]).toEqual([400, 'give more digits'])
    await app.close()
  })

  async function analyzed(name: string, bytes: Buffer): Promise<{ attempts: AttemptRecord[]; summary: Summary }> {
    const attempts: AttemptRecord[] = []
    const analysis = new Analysis({
      ...rules,
      onRecord: record => void (record.kind === 'attempt' && attempts.push(record))
    })
    const path = capture(name, [], 0)
    writeFileSync(path, bytes)
    for await (const batch of new Merge([path])) for (const each of batch) analysis.add(each)
    return { attempts, summary: analysis.finish(end) }
  }
})

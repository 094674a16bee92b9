import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { StateEntry } from '@earshot/bus'
import type { Alert } from '@earshot/peers'
import { plus, seconds, type EpochMicros } from '@earshot/units'
import { agentsRecord, type AgentsRecord } from '../agents-record.ts'
import { AgentSilence } from './agent-silence.ts'
import { AgentsStage } from './agents-stage.ts'
import { noon } from './monitor.fixture.ts'

const EVERY = 5
const MINUTE = 60 / EVERY

/** Packets of each agent that a collector heard in the five seconds before its report, by the number of the report; undefined is none. */
type Hears = (report: number) => Readonly<Record<string, number>> | undefined

const reportsOf = (collector: string, hears: Hears, count: number): AgentsRecord[] => {
  const packets: Record<string, number> = {}
  return Array.from({ length: count }, (_, report) => {
    const heard = hears(report)
    if (!heard) {
      for (const agent of Object.keys(packets)) delete packets[agent]
      return []
    }
    for (const [agent, more] of Object.entries(heard)) packets[agent] = (packets[agent] ?? 0) + more
    const agents = Object.entries(packets).map(([agent, all]) => ({
      agent,
      packets: all,
      clockOffsetSeconds: 0,
      drops: {},
      transports: ['udp'],
      address: '',
      authenticated: true
    }))
    return [{ collector, at: timeOf(report), drops: {}, agents }]
  }).flat()
}

const timeOf = (report: number): EpochMicros => plus(noon, seconds(EVERY * report))

const inOrder = (...all: AgentsRecord[][]): AgentsRecord[] => all.flat().sort((a, b) => a.at - b.at)

function alertsOf(reports: readonly AgentsRecord[]): Alert[] {
  const silence = new AgentSilence('UTC')
  for (const report of reports) silence.take(report)
  return silence.alerts()
}

const HOURS_4 = 240 * MINUTE
const from = 180 * MINUTE
const to = 200 * MINUTE
const isWithin = (report: number): boolean => report >= from && report < to

const silentFor20Minutes = reportsOf('c1', report => ({ one: isWithin(report) ? 0 : 20, two: 30 }), HOURS_4)

describe('agents', () => {
  it('that went silent are told, and when they are back', () => {
    expect(alertsOf(silentFor20Minutes)).toMatchObject([
      { kind: 'absence', agent: 'one', peer: 'one', severity: 'critical', startedAt: timeOf(from) },
      { agent: 'one', endedAt: expect.any(Number) }
    ])
  })

  it.each<{ name: string; reports: AgentsRecord[] }>([
    {
      name: 'were heard by nobody',
      reports: reportsOf('c1', report => (isWithin(report) ? undefined : { one: 20 }), HOURS_4)
    },
    {
      name: 'go to another collector',
      reports: inOrder(
        reportsOf('c1', report => ({ one: report < from ? 20 : 0 }), HOURS_4),
        reportsOf('c2', report => ({ one: report < from ? 0 : 20 }), HOURS_4)
      )
    },
    {
      name: 'are of a collector that is gone, beside another',
      reports: inOrder(
        reportsOf('c1', report => (report < from ? { one: 20 } : undefined), HOURS_4),
        reportsOf('c2', () => ({ two: 20 }), HOURS_4)
      )
    }
  ])('that $name are not', ({ reports }) => {
    expect(alertsOf(reports)).toEqual([])
  })
})

it('the alerts are the same whatever the batches, and with a restart between any two of them', async () => {
  const whole = alertsOf(silentFor20Minutes)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: HOURS_4 - 1 }), { maxLength: 4 }), async cuts => {
      const states = new Map<string, Buffer>()
      let stage = await stageOf(states)
      const alerts: Alert[] = []
      const places = [...new Set([0, ...cuts, HOURS_4])].sort((a, b) => a - b)
      for (const [index, place] of places.slice(1).entries()) {
        const { emit, changed } = stage.handle(silentFor20Minutes.slice(places[index], place).map(recordOf))
        alerts.push(...emit.map(({ value }) => JSON.parse(value.toString()) as Alert))
        for (const { key, value } of changed) {
          if (value) states.set(key, value)
          else states.delete(key)
        }
        stage = await stageOf(states)
      }
      expect(alerts).toEqual(whole)
    }),
    { numRuns: 10 }
  )
})

const recordOf = (report: AgentsRecord, offset: number) => ({
  ...agentsRecord(0, report),
  headers: agentsRecord(0, report).headers!,
  offset,
  key: undefined,
  appendedMs: 0,
  replayed: false
})

async function stageOf(states: ReadonlyMap<string, Buffer>): Promise<AgentsStage> {
  const stage = new AgentsStage({ timeZone: 'UTC', watching: new Set(), onAlert: () => undefined })
  await stage.restore(entriesOf(states))
  return stage
}

async function* entriesOf(states: ReadonlyMap<string, Buffer>): AsyncIterable<StateEntry> {
  for (const [key, value] of states) yield { key, value }
}

it('refuses what a later version wrote', () => {
  const restore = (): void =>
    new AgentSilence('UTC').restore({ key: 'agent-told a', value: Buffer.from('{"format":2}') })
  expect(restore).toThrow('format 2')
})

it('takes back what format 1 kept of an agent, as it was', () => {
  const file = join(import.meta.dirname, 'testdata/agent-silence/v1.json')
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { key: string; value: { told: { at: EpochMicros } } }[]
  const silence = new AgentSilence('UTC')
  for (const { key, value } of kept) silence.restore({ key, value: Buffer.from(JSON.stringify(value)) })
  const at = plus(kept[0]!.value.told.at, seconds(EVERY))
  const [heard] = reportsOf('collector-1', () => ({ 'sbc-1': 130 }), 1)
  silence.take({ ...heard!, at })
  const told = silence.changes().find(({ key }) => key === kept[0]!.key)
  expect(JSON.parse(told!.value!.toString())).toEqual({
    format: 1,
    told: { at, packets: { 'collector-1': 130, 'collector-2': 7 } }
  })
})

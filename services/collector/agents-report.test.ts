import { describe, expect, it, jest } from '@jest/globals'
import { AppendError } from '@earshot/bus'
import { epochMicros, minus, plus, seconds } from '@earshot/units'
import { readAgents, type AgentsRecord } from '../agents-record.ts'
import { Agents } from './agents.ts'
import { AgentsReport } from './agents-report.ts'
import { RecordingLog } from './recording-log.fixture.ts'

const noon = epochMicros(1_767_225_600e6)

class TestReport {
  readonly log = new RecordingLog({ partitions: 2 })
  readonly agents = new Agents({ trusting: false })
  readonly drops = new Map([
    ['not-sip', 3],
    ['overload', 0]
  ])
  readonly report = new AgentsReport({
    log: this.log,
    collector: 'edge',
    agents: this.agents,
    drops: this.drops,
    now: () => noon
  })

  told(): AgentsRecord[] {
    return this.log.appended.flat().map(({ headers = {}, value }) => readAgents({ headers, value }))
  }
}

describe('the report of a collector', () => {
  it('tells what it knows of each agent, and what it dropped', async () => {
    const test = new TestReport()
    const { agents } = test
    const agent = agents.heard('sbc', noon)
    agents.timeOf(agent, minus(noon, seconds(7200)), noon)
    Object.assign(agent, { address: '192.0.2.1', listedAs: 'SBC 1', authenticated: true })
    agent.transports.add('tls')
    agent.drops.set('not-sip', 3)
    agents.refused('stranger')!.drops.set('unauthorized', 1)
    await test.report.tell()
    expect(test.told()).toEqual([
      {
        collector: 'edge',
        at: noon,
        drops: { 'not-sip': 3 },
        agents: [
          {
            agent: 'sbc',
            listedAs: 'SBC 1',
            packets: 1,
            lastSeen: noon,
            clockOffsetSeconds: -7200,
            shiftedBySeconds: 7200,
            drops: { 'not-sip': 3 },
            transports: ['tls'],
            address: '192.0.2.1',
            authenticated: true
          },
          {
            agent: 'stranger',
            packets: 0,
            clockOffsetSeconds: expect.closeTo(0),
            drops: { unauthorized: 1 },
            transports: [],
            address: '',
            authenticated: false
          }
        ]
      }
    ])
  })

  it('is told when there is nobody yet, and once more at the end', async () => {
    const test = new TestReport()
    await test.report.start()
    await test.report.stop()
    await test.report.stop()
    expect(test.told()).toMatchObject([{ collector: 'edge', agents: [] }])
  })

  it('is of the thousand that were heard last, in parts that the log takes whatever their names are', async () => {
    const test = new TestReport()
    for (let each = 0; each < 1500; each++) {
      const name = `${each}${'\u0001'.repeat(200)}`
      test.agents.heard(name, plus(noon, seconds(each)))
    }
    await test.report.tell()
    const told = test.told()
    expect(told.flatMap(({ agents }) => agents).length).toBe(1000)
    expect(told[0]!.agents[0]!.agent.startsWith('500\u0001')).toBe(true)
    expect(told.map(({ agents }) => agents.length)).toEqual([250, 250, 250, 250])
    expect(new Set(test.log.appended.flat().map(({ partition }) => partition)).size).toBe(1)
    for (const { value } of test.log.appended.flat()) expect(value.length).toBeLessThan(1e6)
  })

  it('is told every five seconds, and sooner when there is a new agent', async () => {
    jest.useFakeTimers()
    try {
      const test = new TestReport()
      await test.report.start()
      const counts: number[] = []
      for (let second = 1; second <= 12; second++) {
        if (second === 3) test.agents.heard('sbc', noon)
        await jest.advanceTimersByTimeAsync(1000)
        counts.push(test.told().length)
      }
      expect(counts).toEqual([0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
      await test.report.stop()
    } finally {
      jest.useRealTimers()
    }
  })

  it('does not mind a log that is away', async () => {
    const test = new TestReport()
    test.log.append = (topic, records) => Promise.reject(new AppendError(topic, records, new Error('no broker')))
    await test.report.tell()
  })
})

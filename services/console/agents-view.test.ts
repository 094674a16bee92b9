import { afterEach, describe, expect, it } from '@jest/globals'
import { LocalLog } from '@earshot/bus'
import { epochMicros, minus, plus, seconds, type EpochMicros } from '@earshot/units'
import { agentsRecord, type AgentsRecord, type AgentStatus } from '../agents-record.ts'
import { topics } from '../pipeline.ts'
import { AgentsView } from './agents-view.ts'

const noon = epochMicros(1_767_225_600e6)
const later = (passed: number): EpochMicros => plus(noon, seconds(passed))

const agent = (name: string, packets = 1): AgentStatus => ({
  agent: name,
  packets,
  lastSeen: noon,
  clockOffsetSeconds: 0,
  drops: {},
  transports: ['udp'],
  address: '192.0.2.1',
  authenticated: false
})

const status = (collector: string, at: EpochMicros, ...agents: readonly AgentStatus[]): AgentsRecord => ({
  collector,
  at,
  drops: { 'not-sip': agents.length },
  agents
})

/** A console at some time, over a log to which collectors tell things. */
class TestView {
  now = noon
  readonly log = new LocalLog({ topics: { [topics.agents]: 2 } })
  readonly view = new AgentsView({ log: this.log, now: () => this.now })

  async told(partition: number, ...records: readonly AgentsRecord[]): Promise<void> {
    await this.log.append(
      topics.agents,
      records.map(record => agentsRecord(partition, record))
    )
    // What is appended is read in the turn of the event loop after.
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  }

  names(): string[] {
    return this.view.agents().map(({ collector, agent, packets }) => `${collector} ${agent} ${packets}`)
  }
}

describe('what consoles show of the agents', () => {
  let test: TestView
  const started = async (before: readonly AgentsRecord[] = []): Promise<TestView> => {
    test = new TestView()
    await test.log.start()
    await test.told(0, ...before)
    await test.view.start()
    await test.told(0)
    return test
  }
  afterEach(async () => {
    await test.view.stop()
    await test.log.stop()
  })

  it('is the newest that each collector tells, also from before the console’s start', async () => {
    await started([status('one', noon, agent('sbc', 1)), status('one', later(5), agent('sbc', 7))])
    await test.told(1, status('two', noon, agent('sbc', 3), agent('probe', 2)))
    expect(test.names()).toEqual(['two probe 2', 'one sbc 7', 'two sbc 3'])
    expect(test.view.drops()).toEqual({ 'not-sip': 3 })
    await test.told(0, status('one', later(10), agent('sbc', 9)))
    expect(test.names()).toContain('one sbc 9')
    expect(test.view.collectors()).toMatchObject([
      { collector: 'one', at: later(10) },
      { collector: 'two', at: noon }
    ])
  })

  it('is put together from the parts of a report', async () => {
    await started()
    await test.told(0, status('one', noon, agent('a')), status('one', noon, agent('b')))
    expect(test.names()).toEqual(['one a 1', 'one b 1'])
  })

  it('leaves out an agent that its collector does not name any more', async () => {
    await started()
    await test.told(0, status('one', noon, agent('a'), agent('b')))
    await test.told(0, status('one', later(10), agent('b')))
    expect(test.names()).toEqual(['one a 1', 'one b 1'])
    await test.told(0, status('one', later(16), agent('b')))
    expect(test.names()).toEqual(['one b 1'])
  })

  it('leaves out a collector that is silent for five minutes, and shows it when it is back', async () => {
    await started([status('gone', minus(noon, seconds(301)), agent('old'))])
    await test.told(0, status('one', noon, agent('a')), status('two', later(60), agent('b')))
    test.now = later(301)
    expect(test.names()).toEqual(['two b 1'])
    expect(test.view.drops()).toEqual({ 'not-sip': 1 })
    await test.told(0, status('one', later(302), agent('a', 5)))
    expect(test.names()).toEqual(['one a 5', 'two b 1'])
  })
})

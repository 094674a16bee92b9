import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, describe, expect, it } from '@jest/globals'
import { AppendError, type NewRecord } from '@earshot/bus'
import { KnownLog } from './known-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'earshot-known-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const newFile = (): string => join(folder, `${++files}`, 'partitions.json')
const records: readonly NewRecord[] = [{ partition: 0, value: Buffer.from('x') }]

class Remote {
  state: 'there' | 'away' | 'silent' | 'without topic' = 'there'
  count = 12
  asked = 0
  readonly appended: (readonly NewRecord[])[] = []

  async partitions(topic: string): Promise<number> {
    this.asked++
    if (this.state === 'away') throw Object.assign(new Error('no broker'), { passing: true })
    if (this.state === 'without topic') throw new Error(`no topic ${topic}`)
    if (this.state === 'silent') await new Promise(() => undefined)
    return topic === 'packets' ? this.count : 1
  }

  async append(_topic: string, some: readonly NewRecord[]): Promise<void> {
    this.appended.push(some)
  }
}

class Told {
  readonly away: string[] = []
  readonly failures: string[] = []
}

function known(log: Remote, file?: string, told = new Told()): KnownLog {
  return new KnownLog({
    log,
    topics: ['packets', 'agents'],
    ...(file !== undefined && { file }),
    onAway: message => told.away.push(message),
    onFailure: ({ message }) => told.failures.push(message),
    retryMs: 1,
    patienceMs: 5
  })
}

/** A log that knows the numbers of a start before, with the remote one away. */
async function startedWithout(state: 'away' | 'silent', told = new Told()) {
  const file = newFile()
  const remote = new Remote()
  await known(remote, file).start()
  remote.state = state
  const log = known(remote, file, told)
  await log.start()
  return { remote, log, file }
}

describe('a log that is known from before', () => {
  it('asks for the numbers of partitions and keeps them', async () => {
    const file = newFile()
    const remote = new Remote()
    const log = known(remote, file)
    await log.start()
    expect([await log.partitions('packets'), log.countOf('agents'), log.waitsFor]).toEqual([12, 1, undefined])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ format: 1, partitions: { packets: 12, agents: 1 } })
    const { asked } = remote
    await log.append('packets', records)
    expect([remote.asked, remote.appended]).toEqual([asked, [records]])
  })

  it.each(['away', 'silent'] as const)(
    'starts with them while it is %s, and takes nothing until it is there',
    async state => {
      const told = new Told()
      const { remote, log } = await startedWithout(state, told)
      expect(log.countOf('packets')).toBe(12)
      expect(log.waitsFor).toBeDefined()
      expect(told.away.length).toBe(1)
      remote.state = 'away'
      const error = await log.append('packets', records).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(AppendError)
      expect((error as AppendError).records).toBe(records)
      remote.state = 'there'
      await log.append('packets', records)
      expect([remote.appended, log.waitsFor, told.failures]).toEqual([[records], undefined, []])
    }
  )

  it('takes nothing when the numbers have changed meanwhile, says so, and has the new ones at the next start', async () => {
    const told = new Told()
    const { remote, log, file } = await startedWithout('away', told)
    remote.state = 'there'
    remote.count = 24
    await expect(log.append('packets', records)).rejects.toThrow(AppendError)
    await expect(log.append('packets', records)).rejects.toThrow(AppendError)
    expect(remote.appended).toEqual([])
    expect(told.failures).toEqual([expect.stringContaining('packets has 24 partitions now, and had 12')])
    const next = known(remote, file)
    await next.start()
    expect(next.countOf('packets')).toBe(24)
  })

  it('waits where it knows nothing from before, and says for what', async () => {
    const remote = new Remote()
    remote.state = 'away'
    const told = new Told()
    const log = known(remote, newFile(), told)
    const starting = log.start()
    while (remote.asked < 6) await setImmediate()
    expect([log.waitsFor, told.away]).toEqual(['no broker', ['no broker']])
    remote.state = 'there'
    await starting
    expect([log.countOf('packets'), log.waitsFor]).toEqual([12, undefined])
  })

  it('stops waiting when it is stopped', async () => {
    const remote = new Remote()
    remote.state = 'away'
    const log = known(remote)
    const starting = log.start()
    starting.catch(() => undefined)
    while (remote.asked < 6) await setImmediate()
    await log.stop()
    await expect(starting).rejects.toThrow()
  })

  it('does not start, or fails, with what waiting does not mend', async () => {
    const told = new Told()
    const { remote, log, file } = await startedWithout('away', told)
    remote.state = 'without topic'
    await expect(log.append('packets', records)).rejects.toThrow(AppendError)
    expect(told.failures).toEqual([expect.stringContaining('no topic')])
    await expect(known(remote, file).start()).rejects.toThrow('no topic')
  })

  it.each(['', '{"format":2,"partitions":{"packets":1,"agents":1}}', '{"format":1,"partitions":{"packets":1}}'])(
    'does not go by a file that it cannot read: %s',
    async text => {
      const { remote, file } = await startedWithout('away')
      writeFileSync(file, text)
      const log = known(remote, file)
      const starting = log.start()
      remote.state = 'there'
      await starting
      expect(log.countOf('packets')).toBe(12)
    }
  )
})

import { describe, expect, it } from '@jest/globals'
import { LogFile } from './log-file.ts'
import { OpenLog } from './open-log.ts'

class CountingFile extends LogFile {
  transactions = 0

  override transaction(changes: () => void): void {
    this.transactions++
    super.transaction(changes)
  }
}

function opened(): { readonly file: CountingFile; readonly log: OpenLog } {
  const file = new CountingFile(undefined, { in: 1, out: 1 })
  const nothing = (): void => undefined
  return { file, log: new OpenLog(file, { ageMs: Infinity, bytes: Infinity }, () => 0, nothing) }
}

const recordFor = (log: OpenLog, topic: string) => [
  { stream: log.topic(topic)[0]!, key: undefined, headers: {}, value: Buffer.from(topic) }
]

describe('writes to the local log', () => {
  it('cost one transaction for all that come in one turn, of whatever topic', async () => {
    const { file, log } = opened()
    await Promise.all(['in', 'out', 'in'].map(topic => log.append(recordFor(log, topic))))
    expect(file.transactions).toBe(1)
    await log.append(recordFor(log, 'in'))
    expect(file.transactions).toBe(2)
    await log.close()
  })

  it('fail together, leave nothing behind, and do not stop those after them', async () => {
    const { file, log } = opened()
    const failing = log.write(() => {
      throw new Error('disk full')
    })
    const outcomes = await Promise.allSettled([log.append(recordFor(log, 'in')), failing])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await log.append(recordFor(log, 'in'))
    const stream = log.topic('in')[0]!
    expect(stream).toMatchObject({ first: 0, next: 1, bytes: 2 })
    expect(file.read(stream, 0, { records: 9, bytes: 9 })).toHaveLength(1)
    await log.close()
  })

  it('are refused when it is closed', async () => {
    const { log } = opened()
    await log.close()
    await expect(log.append([])).rejects.toThrow('closed')
  })
})

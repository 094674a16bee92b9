import { describe, expect, it } from '@jest/globals'
import { LocalLog, type Lag } from '@earshot/bus'
import { Metrics } from '@earshot/telemetry'
import { observeLag } from './observe-lag.ts'

const lost = 'earshot_log_lost_records_total{group="readers"} 0'

const lagOf = (partition: number, records: number): Lag => ({
  group: 'readers',
  topic: 'in',
  partition,
  records,
  lost: 0
})

/** What a scrape shows of a log, each time it is asked. */
function scraping(log: { lag(): Promise<readonly Lag[]> }, longestWaitMs?: number): () => Promise<string[]> {
  const metrics = new Metrics({ version: 'test' })
  const refresh = observeLag(metrics, log, longestWaitMs === undefined ? {} : { longestWaitMs })
  return async () => {
    await refresh()
    return (await metrics.prometheusText()).split('\n').filter(line => line.startsWith('earshot_log_'))
  }
}

describe('the lag of a group', () => {
  it('is what it has not committed, over all partitions; beside it what it lost', async () => {
    const log = new LocalLog({ topics: { in: 2 } })
    await log.start()
    const reading = log.run({
      input: 'in',
      group: 'readers',
      stage: () => ({ restore: async () => undefined, handle: () => ({ emit: [], changed: [] }) })
    })
    await reading.start()
    await reading.stop()
    const lines = scraping(log)
    expect(await lines()).toEqual(['earshot_log_lag_records{group="readers",topic="in"} 0', lost])
    await log.append(
      'in',
      [0, 1, 1].map(partition => ({ partition, value: Buffer.from('x') }))
    )
    expect(await lines()).toEqual(['earshot_log_lag_records{group="readers",topic="in"} 3', lost])
    await log.stop()
  })

  it('forgets a partition that the log tells of no more', async () => {
    let told = [lagOf(0, 5), lagOf(1, 7), lagOf(2, 1)]
    const lines = scraping({ lag: async () => told })
    expect(await lines()).toEqual(['earshot_log_lag_records{group="readers",topic="in"} 13', lost])
    told = told.slice(0, 1)
    expect(await lines()).toEqual(['earshot_log_lag_records{group="readers",topic="in"} 5', lost])
  })

  it('is not shown while the log does not say', async () => {
    let away = false
    const lag = async (): Promise<Lag[]> => {
      if (away) throw new Error('no broker')
      return [lagOf(0, 5)]
    }
    const lines = scraping({ lag })
    expect(await lines()).toHaveLength(2)
    away = true
    expect(await lines()).toEqual([])
  })

  it('holds a scrape back no longer than told, and asks the log once at a time', async () => {
    let asked = 0
    const lag = (): Promise<Lag[]> => {
      asked++
      return new Promise(() => undefined)
    }
    const lines = scraping({ lag }, 1)
    expect(await lines()).toEqual([])
    expect(await lines()).toEqual([])
    expect(asked).toBe(1)
  })
})

import { expect, it } from '@jest/globals'
import { LocalLog } from '@earshot/bus'
import { Metrics } from '@earshot/telemetry'
import { observeLag } from './observe-lag.ts'

it('shows the records that a group has not committed, over all partitions, and those it lost', async () => {
  const log = new LocalLog({ topics: { in: 2 } })
  await log.start()
  const reading = log.run({
    input: 'in',
    group: 'readers',
    stage: () => ({ restore: async () => undefined, handle: () => ({ emit: [], changed: [] }) })
  })
  await reading.start()
  await reading.stop()
  const metrics = new Metrics({ version: 'test' })
  const refresh = observeLag(metrics, log)
  const lines = async (): Promise<string[]> => {
    await refresh()
    return (await metrics.prometheusText()).split('\n').filter(line => line.startsWith('earshot_log_'))
  }
  const lost = 'earshot_log_lost_records_total{group="readers"} 0'
  expect(await lines()).toEqual(['earshot_log_lag_records{group="readers",topic="in"} 0', lost])
  await log.append(
    'in',
    [0, 1, 1].map(partition => ({ partition, value: Buffer.from('x') }))
  )
  expect(await lines()).toEqual(['earshot_log_lag_records{group="readers",topic="in"} 3', lost])
  await log.stop()
})

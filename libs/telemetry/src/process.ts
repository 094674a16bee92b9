import { monitorEventLoopDelay } from 'node:perf_hooks'
import { eventLoopDelay, processCpu, residentMemory } from './catalogue.ts'
import type { Metrics } from './metrics.ts'

const resolutionMs = 10

/** CPU, memory and event loop delay of this process; the delay is measured between `start` and `stop`. */
export function processMetrics(metrics: Metrics): {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
} {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  // The histogram holds the time between two ticks, in nanoseconds, so the tick itself is no delay.
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3)

  metrics.observe(processCpu, tell => {
    const { user, system } = process.cpuUsage()
    tell((user + system) / 1e6)
  })
  metrics.observe(residentMemory, tell => tell(process.memoryUsage.rss()))
  metrics.observe(eventLoopDelay, tell => {
    if (delay.count === 0) return
    tell(late(delay.percentile(50)), { statistic: 'p50' })
    tell(late(delay.percentile(99)), { statistic: 'p99' })
    tell(late(delay.max), { statistic: 'max' })
    delay.reset()
  })
  return {
    name: 'process metrics',
    start: async () => void delay.enable(),
    stop: async () => void delay.disable()
  }
}

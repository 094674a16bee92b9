/**
 * A collector alone, over a log in a file that nobody reads: `fork('collector.child.ts', [folder])`. Says where it
 * listens, then answers every word with its metrics as text, and ends when its parent lets go.
 */
import { join } from 'node:path'
import { LocalLog } from '@earshot/bus'
import { assemble, createLogger, loadConfig } from '@earshot/runtime'
import { Metrics, processMetrics } from '@earshot/telemetry'
import { collector } from '../../services/collector/collector.ts'
import { topics } from '../../services/pipeline.ts'

const flags = { hepHost: '127.0.0.1', hepUdpPort: '0', hepTcpPort: '0' }
const log = new LocalLog({
  path: join(process.argv[2]!, 'log.sqlite'),
  topics: { [topics.packets]: 4, [topics.agents]: 1, [topics.deadLetters]: 1 },
  // Small, so that what is measured includes the deletions of a log that has reached its size.
  retention: { bytes: 256 << 20 }
})
const metrics = new Metrics({ version: 'bench' })
const collecting = collector({
  config: loadConfig({ flags, env: {} }),
  log,
  metrics,
  logger: createLogger({ level: 'error' }),
  onFailure: error => {
    throw error
  }
})
const parts = assemble('bench', [log, processMetrics(metrics), collecting])
await parts.start()
process.send!(collecting.ports)
process.on('message', () => void metrics.prometheusText().then(text => process.send!(text)))
process.once('disconnect', () => void parts.stop())

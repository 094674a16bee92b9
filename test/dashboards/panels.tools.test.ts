import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { frameOf, openSender } from '../../services/earshot/replay.ts'
import { annotationsOf, askedBy } from '../../dashboards/src/asked.fixture.ts'
import { boards } from '../../dashboards/src/boards.ts'
import { ladder } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { describeWith } from '../describe-tools.ts'
import { RunningEarshot } from '../earshot.ts'
import { PrometheusServer, type Answered } from '../prometheus-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { carrierHour, exceptions } from './carrier-hour.ts'
import type { Played } from './played.ts'

const describePrometheus = describeWith('prometheus')

const isData = ({ values }: Answered): boolean => values.some(([, value]) => !Number.isNaN(value))

describePrometheus('the carriers’ hour', () => {
  const folder = temporaryFolder()
  let hour: Played

  beforeAll(async () => {
    hour = await carrierHour(folder)
  }, 400_000)
  afterAll(async () => hour?.prometheus.end())

  const asked = boards.flatMap(board =>
    askedBy(board, { __rate_interval: '2m', __range: '45m' }).map(each => ({ ...each, board: board.title ?? '' }))
  )

  it.each(asked.filter(({ panel }) => !Object.hasOwn(exceptions, panel)))(
    'fills $panel ($legend) of $board',
    async ({ expression, instant }) => {
      const { prometheus, from, to } = hour
      const series = instant
        ? await prometheus.query(expression, to)
        : await prometheus.queryRange(expression, { from, to, step: 30 })
      expect(series.filter(isData).length).toBeGreaterThan(0)
    }
  )

  it('marks the alerts on every dashboard', async () => {
    for (const board of boards) {
      const [told = ''] = annotationsOf(board)
      const kinds = await hour.prometheus.queryRange(told, { ...hour, step: 30 })
      expect(kinds.map(({ metric }) => metric['kind'])).toContain('method_regression')
    }
  })

  it('is of one peer where one is chosen, and of none where the group has none', async () => {
    const ask = async (values: Record<string, string>): Promise<(string | undefined)[]> => {
      const attempts = askedBy(boards[0]!, { __range: '45m', ...values }).find(
        ({ panel, instant, expression }) => panel === 'Peers' && instant && expression.includes('group_left')
      )
      const series = await hour.prometheus.query(attempts!.expression, hour.to)
      return series.map(({ metric }) => `${metric['peer']} of ${metric['group']}`).sort()
    }
    expect(await ask({ peer: 'Atlas Transit' })).toEqual(['Atlas Transit of Wholesale'])
    expect(await ask({ peer: 'Atlas Transit', group: 'nobody' })).toEqual([])
  })
})

describePrometheus('what needs traffic of its own', () => {
  const folder = temporaryFolder()

  it('Times adjusted: an agent whose clock is two hours behind', async () => {
    const earshot = await RunningEarshot.up('--memory')
    const target = new URL(earshot.url).host
    const prometheus = await PrometheusServer.start(folder, {
      global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
      scrape_configs: [{ job_name: 'earshot', static_configs: [{ targets: [target] }] }]
    })
    try {
      const { expression } = boards.flatMap(board => askedBy(board)).find(({ panel }) => panel === 'Times adjusted')!
      const sender = await openSender({ host: '127.0.0.1', port: earshot.ports.tcp, transport: 'tcp' })
      let rates: Answered[] = []
      while (!rates.some(({ values }) => values.some(([, value]) => value > 0))) {
        const start = epochMicros((Date.now() - 2 * 3600e3) * 1e3)
        for (const message of ladder('0 a>b OPTIONS', { start })) await sender.send(frameOf(message)!)
        rates = await prometheus.query(expression, Date.now() / 1e3)
      }
      await sender.end()
      expect(rates.length).toBeGreaterThan(0)
    } finally {
      await prometheus.end()
      await earshot.end('SIGTERM')
    }
  }, 60_000)

  it('is little', () => {
    expect(Object.keys(exceptions).length).toBeLessThanOrEqual(5)
  })
})

import { connect } from 'node:net'
import { once } from 'node:events'
import { expect, it } from '@jest/globals'
import { encodeHep } from '@earshot/hep'
import { ladder } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { RunningEarshot } from '../earshot.ts'
import { series } from '../prometheus.ts'

const start = epochMicros(1_767_225_600e6)

it('counts RTCP that comes by HEP with the call that it is about', async () => {
  const running = await RunningEarshot.up('--clock', 'capture', '--memory')
  try {
    const packets = ladder(
      `0 a>b INVITE +S
       500 b>a 183 tt=x +S
       3400 b>a rtcp packets=140
       3500 b>a rtcp packets=3 call=7
       3600 c>c rtcp packets=3 call=8
       9000 b>a 480 tt=x`,
      { start }
    )
    const socket = connect(running.ports.tcp, '127.0.0.1')
    for (const { agent: _agent, media, ...fields } of packets) {
      const protocol = media?.protocol ?? 1
      socket.write(encodeHep({ ...fields, captureId: 7, protocol, correlationId: media?.correlationId }))
    }
    socket.end()
    socket.resume()
    await once(socket, 'close')
    await running.liveOnce(({ peers }) => peers.some(({ outcomes }) => (outcomes.no_answer ?? 0) > 0))
    const told = series(await running.metrics())
    const reports = told.filter(({ name, value }) => name === 'earshot_media_reports_total' && value > 0)
    expect(Object.fromEntries(reports.map(({ labels, value }) => [labels.result, value]))).toEqual({
      matched: 4,
      unmatched: 2
    })
    expect(told.find(({ name, labels }) => name === 'earshot_drops_total' && labels.reason === 'not-sip')?.value).toBe(
      0
    )
  } finally {
    await running.end('SIGTERM')
  }
}, 60_000)

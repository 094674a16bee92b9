import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { epochMicros, type Captured, type EpochMicros } from '@earshot/units'
import type { Agents } from '../../services/console/answers/agents.ts'
import type { Call } from '../../services/console/answers/calls.ts'
import { frameOf } from '../../services/earshot/replay.ts'
import { freePort } from '../../services/earshot/prometheus/free-port.ts'
import { describeWith } from '../describe-tools.ts'
import { RunningEarshot } from '../earshot.ts'
import { Pump } from './pump.ts'
import { Rtpengine } from './rtpengine.ts'

const ago = (seconds: number): EpochMicros => epochMicros((Date.now() - seconds * 1e3) * 1e3)

/** A call whose callee sends from this port of its own, as many packets as its sender reports say. */
type Case = { readonly call: number; readonly port: number; readonly packets: number }

const talking: Case = { call: 1, port: 20_000, packets: 50 }
const silent: Case = { call: 2, port: 20_010, packets: 0 }

const idOf = ({ call }: Case): string => `call-${call}@ladder.example`

describeWith('rtpengine')('RTCP of a call, as rtpengine reports it by HEP', () => {
  let earshot: RunningEarshot
  let relay: Rtpengine
  const callees: Socket[] = []
  beforeAll(async () => {
    earshot = await RunningEarshot.up('--memory', '--clock', 'capture')
    relay = await Rtpengine.start(earshot.ports.udp, await freePort())
  }, 30_000)
  afterAll(async () => {
    for (const callee of callees) callee.close()
    await relay?.stop()
    await earshot?.end('SIGTERM')
  }, 30_000)

  it('tells early media that was heard from a callee that says to have sent none', async () => {
    // Nine seconds of early media; what is reported now is in the seventh.
    const start = ago(6)
    const calls: Captured[][] = []
    for (const each of [talking, silent]) {
      const relayed = await relay.relay(idOf(each), '127.0.1.9 30000', `127.0.1.2 ${each.port}`)
      const messages = callOf(each, relayed, start)
      calls.push(messages)
      await sent(messages.slice(0, 2))
      await reports(each, relayed + 1)
    }
    await reported(2)
    await sent(calls.flatMap(messages => messages.slice(2)))

    expect(await toldOf(talking)).toMatchObject({ class: 'early_media', mediaEvidence: 'seen', flags: [] })
    expect(await toldOf(silent)).toMatchObject({ mediaEvidence: 'none_seen', flags: ['silence_risk'] })
  }, 60_000)

  const callOf = ({ call, port }: Case, relayed: number, start: EpochMicros): Captured[] =>
    ladder(
      [
        'a = 127.0.1.1:5060 ours',
        'b = 127.0.1.2:5060',
        `0    a>b INVITE call=${call} +S(address=127.0.0.1,port=${relayed})`,
        `100  b>a 183 call=${call} tt=x +S(port=${port})`,
        `9000 b>a 480 call=${call} tt=x`
      ].join('\n'),
      { start }
    )

  async function sent(messages: readonly Captured[]): Promise<void> {
    const frames = Iterator.from(messages).map(captured => frameOf(captured)!)
    expect(await new Pump(earshot.ports.tcp, frames).over()).toBe('done')
  }

  /** A sender report of the callee (RFC 3550 §6.4.1). */
  async function reports({ port, packets }: Case, to: number): Promise<void> {
    const callee = createSocket('udp4')
    callees.push(callee)
    callee.bind(port + 1, '127.0.1.2')
    await once(callee, 'listening')
    const report = Buffer.alloc(28)
    report.writeUInt32BE(0x80c8_0006)
    report.writeUInt32BE(port, 4) // SSRC
    report.writeUInt32BE(packets, 20)
    callee.send(report, to, '127.0.0.1')
  }

  async function reported(packets: number): Promise<void> {
    for (;;) {
      const { agents } = await asked<Agents>('/api/agents')
      if (agents.some(each => each.agent === '2003' && each.packets === packets)) return
    }
  }

  /** What became of it, when traffic has gone on for long enough. */
  async function toldOf(own: Case): Promise<Call['attempts'][0]> {
    for (;;) {
      await sent(ladder('0 a>b OPTIONS', { start: ago(-4) }))
      const { attempts } = await asked<Partial<Call>>(`/api/call?id=${encodeURIComponent(idOf(own))}`)
      if (attempts?.[0] && attempts[0].outcome !== 'open') return attempts[0]
    }
  }

  async function asked<Answer>(path: string): Promise<Answer> {
    return JSON.parse(await (await fetch(`${earshot.url}${path}`)).text()) as Answer
  }
})

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { expect, it } from '@jest/globals'
import type { PeerRow } from '@earshot/peers'
import { captureFile, captureNames, describeCaptures, framesOf } from '../captures.ts'
import { describeWith } from '../describe-tools.ts'
import { earshot, RunningEarshot, type Live } from '../earshot.ts'
import { sameLive } from '../figures.ts'
import { series } from '../prometheus.ts'

type Figures = Pick<Live, 'messages' | 'calls' | 'peers'>
type Ports = RunningEarshot['ports']

const ofKamailio = (name: string): boolean => name.startsWith('kamailio')
const timeout = 60_000

describeCaptures('live HEP gives the figures of analyze', () => {
  it.concurrent.each(captureNames.filter(name => !ofKamailio(name)))(
    'for %s, replayed over TCP',
    name => expectSame(name, ports => replay(name, '127.0.0.1', ports.tcp, 'tcp')),
    timeout
  )

  it.concurrent.each(['sipp_teach', 'sngrep_aaa', 'o5gs_volte', 'suri_s0'])(
    'for %s, replayed over UDP',
    name => expectSame(name, ports => replay(name, '127.0.0.1', ports.udp, 'udp')),
    timeout
  )

  it.concurrent.each(captureNames.filter(ofKamailio))(
    'for %s, as Kamailio sent it',
    name => expectSame(name, ports => sendBytes(Buffer.concat(framesOf(captureFile(name))), ports.tcp)),
    timeout
  )

  describeWith('sngrep')('sent by sngrep', () => {
    it.concurrent.each(['sipp_teach', 'sngrep_aaa'])(
      'for %s',
      name => expectSame(name, ports => sendBySngrep(name, ports.udp)),
      timeout
    )
  })
})

/** Sends a capture to an Earshot of its own; when that has settled, its API and metrics say what analyze says. */
async function expectSame(name: string, send: (ports: Ports) => Promise<void>): Promise<void> {
  const [{ stdout }, running] = await Promise.all([
    earshot('analyze', '--json', captureFile(name)),
    RunningEarshot.up('--clock', 'capture', '--memory')
  ])
  try {
    const summary = JSON.parse(stdout) as Figures
    const offline = figuresOf(summary)
    await send(running.ports)
    const live = await running.liveOnce(each => isDeepStrictEqual(figuresOf(each), offline))
    expect(figuresOf(live)).toEqual(offline)
    expect(attemptsTold(await running.metrics())).toEqual(attemptsOf(summary.peers))
  } finally {
    await running.end('SIGTERM')
  }
}

/** What both answers tell; payloads that are no SIP come with live traffic only. */
function figuresOf({ messages: { notSip: _notSip, ...messages }, calls, peers }: Figures): object {
  return { messages, calls, peers: sameLive(peers) }
}

async function replay(name: string, host: string, port: number, transport: 'tcp' | 'udp'): Promise<void> {
  const target = ['--to', `${host}:${port}`, '--transport', transport, '--speed', '0']
  const { code, stderr } = await earshot('replay', captureFile(name), ...target)
  expect(stderr).toMatch(/^\d+ packets sent\n$/)
  expect(code).toBe(0)
}

async function sendBytes(bytes: Buffer, port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.end(bytes)
  socket.resume()
  await once(socket, 'close')
}

async function sendBySngrep(name: string, port: number): Promise<void> {
  const { status } = spawnSync('sngrep', ['-H', `udp:127.0.0.1:${port}`, '-I', captureFile(name), '-N', '-q'])
  expect(status).toBe(0)
}

/** Attempts by peer and direction, and of these by outcome, by class, and of the early media by outcome. */
type Attempts = Record<string, { outcomes: object; classes: object; earlyMedia: object }>

const attemptsOf = (peers: readonly PeerRow[]): Attempts =>
  Object.fromEntries(
    peers
      .filter(({ attempts }) => attempts > 0)
      .map(({ peer, direction, outcomes, classes, earlyMedia }) => [
        `${peer} ${direction}`,
        { outcomes, classes, earlyMedia: earlyMedia.outcomes }
      ])
  )

/** The same out of the metrics: what is final and what is pending together. */
function attemptsTold(metrics: string): Attempts {
  const attempts: Record<string, Record<'outcomes' | 'classes' | 'earlyMedia', Record<string, number>>> = {}
  for (const { name, labels, value } of series(metrics)) {
    if (value === 0 || !['earshot_attempts_total', 'earshot_attempts_pending'].includes(name)) continue
    const { peer, direction, class: earlyClass = '', outcome = '' } = labels
    const of = (attempts[`${peer} ${direction}`] ??= { outcomes: {}, classes: {}, earlyMedia: {} })
    of.outcomes[outcome] = (of.outcomes[outcome] ?? 0) + value
    of.classes[earlyClass] = (of.classes[earlyClass] ?? 0) + value
    if (earlyClass === 'early_media') of.earlyMedia[outcome] = (of.earlyMedia[outcome] ?? 0) + value
  }
  return attempts
}

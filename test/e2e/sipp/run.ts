import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalLog } from '@earshot/bus'
import type { AttemptRecord } from '@earshot/calls'
import { readCalls, topics } from '../../../services/pipeline.ts'
import { RunningEarshot } from '../../earshot.ts'
import { series } from '../../prometheus.ts'
import type { Kind } from './kinds.ts'
import { freePort, Kamailio, Sipp, type Address, type Statistics } from './processes.ts'

export const sides = ['caller', 'callee', 'fork'] as const
export type Side = (typeof sides)[number]

/** What SIPp said at each end of a kind's calls. */
export type Run = { readonly kind: Kind } & { readonly [side in Side]?: Statistics }

export const peerOf = ({ name }: Kind, side: Side): string => `${side} of ${name}`

/** The calls of all kinds at once through one proxy, and what Earshot made of them. */
export async function callAll(kinds: readonly Kind[], folder: string) {
  const proxy = await freePort('127.0.1.1')
  const ends = await endsOf(kinds)
  const peersFile = join(folder, 'peers.yaml')
  writeFileSync(peersFile, registryOf(proxy, ends))
  const dataDir = join(folder, 'data')
  const earshot = await RunningEarshot.up('--peers-file', peersFile, '--data-dir', dataDir)
  const stops = [() => earshot.end('SIGTERM') as Promise<unknown>]
  try {
    const kamailio = await Kamailio.start(proxy, earshot.ports.udp, folder)
    stops.unshift(() => kamailio.stop())
    const runs = await Promise.all(ends.map(end => callBetween(end, proxy, folder, stops)))
    const attempts = ends.reduce((sum, { kind }) => sum + kind.calls * sides.filter(side => kind[side]).length, 0)
    await whenFinal(earshot, attempts)
    const { peers: rows, messages } = await earshot.live()
    while (stops.length > 0) await stops.shift()!()
    return { runs, rows, messages, records: await recordsIn(dataDir) }
  } finally {
    for (const stop of stops) await stop()
  }
}

type Ends = { readonly kind: Kind } & { readonly [side in Side]: Address }

/** Each end has an address of its own, by which it is known as a peer. */
const endsOf = (kinds: readonly Kind[]): Promise<Ends[]> =>
  Promise.all(
    kinds.map(async (kind, index) => ({
      kind,
      caller: await freePort(`127.0.2.${index + 1}`),
      callee: await freePort(`127.0.3.${index + 1}`),
      fork: await freePort(`127.0.4.${index + 1}`)
    }))
  )

function registryOf(proxy: Address, ends: readonly Ends[]): string {
  const peers = ends.flatMap(end => sides.map(side => ({ name: peerOf(end.kind, side), members: [end[side].ip] })))
  // JSON is YAML.
  return JSON.stringify({ peers: [{ name: 'proxy', ours: true, members: [proxy.ip] }, ...peers] })
}

async function callBetween(
  { kind, caller, callee, fork }: Ends,
  proxy: Address,
  folder: string,
  stops: (() => Promise<unknown>)[]
): Promise<Run> {
  const start = (side: Side, at: Address, through?: object): Sipp => {
    const { name, calls } = kind
    const sipp = new Sipp(
      { name, calls, side: side === 'caller' ? side : 'callee', script: kind[side]!.script, at, ...through },
      folder
    )
    stops.unshift(() => sipp.stop())
    return sipp
  }
  const called = start('callee', callee)
  const forked = kind.fork && start('fork', fork)
  await Promise.all([called.listening(), forked?.listening()])
  const calling = start('caller', caller, { through: { proxy, callee, fork: forked && fork } })
  const [ofCaller, ofCallee, ofFork] = await Promise.all([calling.over(), called.over(), forked?.over()])
  return { kind, caller: ofCaller, callee: ofCallee, ...(ofFork && { fork: ofFork }) }
}

/** Waits until so many attempts have their records; not for ever, for a test that then shows those that there are. */
async function whenFinal(earshot: RunningEarshot, attempts: number): Promise<void> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const final = series(await earshot.metrics()).filter(({ name }) => name === 'earshot_attempts_total')
    if (final.reduce((sum, { value }) => sum + value, 0) >= attempts || performance.now() > deadline) return
    await sleep(100)
  }
}

/** The records of attempts in the log of an Earshot that is stopped. */
async function recordsIn(dataDir: string): Promise<AttemptRecord[]> {
  const log = new LocalLog({ path: join(dataDir, 'log.sqlite'), topics: { [topics.calls]: 1 } })
  await log.start()
  const records: AttemptRecord[] = []
  for await (const record of log.read(topics.calls, 0, 0)) {
    const output = readCalls(record)
    if (output.kind === 'attempt') records.push(output)
  }
  await log.stop()
  return records
}

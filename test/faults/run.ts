import { setTimeout as sleep } from 'node:timers/promises'
import type { CallsRecord } from '@earshot/calls'
import type { PeerRow } from '@earshot/peers'
import type { Summary } from '../../services/earshot/analysis.ts'
import { sendInTime, sendToOne } from './agent.ts'
import { disturb, type Fault } from './chaos.ts'
import { trafficNow, type Traffic } from './traffic.ts'
import type { Cluster, Member, Worker } from '../cluster.ts'

export type Run = Traffic & {
  readonly faults: number
  /** Mean time without a fault between two. */
  readonly quietMs: number
  /** How long all of Kafka is away once; 0 for never. */
  readonly outageMs: number
  /** Roles are stopped as Kubernetes stops them, never killed, and brokers stay; agents have one collector each. */
  readonly graceful?: boolean
  readonly tell: (line: string) => void
}

export type Found = {
  readonly expected: readonly CallsRecord[]
  readonly found: readonly CallsRecord[]
  readonly summary: Summary
  readonly peers: readonly PeerRow[]
  readonly calls: number
  readonly faults: Readonly<Record<string, number>>
}

/**
 * Sends traffic whose account is known through a cluster while parts of it are killed, and gives what should have come
 * out beside what did. Every packet goes to each collector, and one of them is always up.
 */
export async function runWithFaults(cluster: Cluster, run: Run): Promise<Found> {
  const { packets, records: expected, summary } = trafficNow(run)
  run.tell(`${packets.length} packets, ${expected.length} records to come`)
  await sleep(packets[0]!.capturedAt / 1e3 - Date.now())
  const sending = run.graceful ? sendToOne(packets, cluster.ports) : sendInTime(packets, cluster.ports)
  const possible = run.graceful ? stopsOf(cluster, run.tell) : killsOf(cluster)
  const faults = { ...(await disturb([...possible, rebalance(cluster)], { ...run, count: run.faults })) }
  if (run.outageMs > 0) {
    run.tell(`Kafka is away for ${run.outageMs} ms`)
    await outage(cluster, run.outageMs)
    faults.outage = 1
  }
  const latestMs = await sending
  run.tell(`everything is sent, no packet later than ${latestMs.toFixed(0)} ms`)
  const found = await settled(cluster, expected.length)
  const live = await figures(cluster, summary)
  return { expected, found, summary, faults, peers: live.peers, calls: live.calls }
}

/** The records once as many have come as should, or no more come; and a little later, when more could have come. */
async function settled(cluster: Cluster, wanted: number): Promise<CallsRecord[]> {
  const deadline = performance.now() + 240_000
  while ((await cluster.records()).length < wanted && performance.now() < deadline) await sleep(2000)
  await sleep(5000)
  return (await cluster.records()) as CallsRecord[]
}

async function figures(cluster: Cluster, { calls, peers }: Summary) {
  const attempts = peers.reduce((sum, row) => sum + row.attempts, 0)
  return cluster.console.running.liveOnce(live => {
    const counted = live.peers.reduce((sum, row) => sum + row.attempts, 0)
    return live.calls >= calls && counted >= attempts
  }, 30_000)
}

const workers: readonly Worker[] = ['collector', 'correlator', 'monitor']

function killsOf(cluster: Cluster): Fault[] {
  const kill = (role: Worker): Fault => {
    const next = inTurn(cluster, role)
    return {
      name: `kill -9 ${role}`,
      async happen(pauseMs) {
        const member = next()
        await member.end('SIGKILL')
        await sleep(pauseMs)
        await member.start()
        await connected(member)
      }
    }
  }
  let nodes = 0
  const broker: Fault = {
    name: 'kill -9 broker',
    async happen(pauseMs) {
      const node = (nodes++ % cluster.kafka.brokers.length) + 1
      await cluster.kafka.killNode(node)
      await sleep(pauseMs)
      await cluster.kafka.startNode(node)
      await cluster.untilInSync()
    }
  }
  return [...workers.map(kill), ...(cluster.kafka.brokers.length > 1 ? [broker] : [])]
}

function stopsOf(cluster: Cluster, tell: (line: string) => void): Fault[] {
  return workers.map(role => {
    const next = inTurn(cluster, role)
    return {
      name: `SIGTERM ${role}`,
      async happen(pauseMs) {
        const member = next()
        const since = performance.now()
        await stopped(member)
        tell(`${member.name} stopped after ${(performance.now() - since).toFixed(0)} ms`)
        await sleep(pauseMs)
        await member.start()
      }
    }
  })
}

function rebalance(cluster: Cluster): Fault {
  let times = 0
  return {
    name: 'a worker comes and goes',
    async happen(pauseMs) {
      const role = workers[1 + (times++ % 2)]!
      const member = await cluster.add(role)
      await sleep(2000 + pauseMs)
      cluster.remove(role, member)
      await stopped(member)
    }
  }
}

function inTurn(cluster: Cluster, role: Worker): () => Member {
  let turn = 0
  return () => {
    const members = cluster.members(role)
    return members[turn++ % members.length]!
  }
}

async function stopped(member: Member): Promise<void> {
  const { said } = member.running
  const code = await member.end('SIGTERM')
  if (code !== 0) throw new Error(`${member.name} ended with ${code} at SIGTERM:\n${said.join('\n')}`)
}

/** What was sent before a collector was connected again is not with it, so it may not be the only one that is up before. */
async function connected({ running }: Member): Promise<void> {
  if (running.ports.tcp > 0) await sleep(500)
}

async function outage(cluster: Cluster, lengthMs: number): Promise<void> {
  const nodes = cluster.kafka.brokers.map((_, index) => index + 1)
  await Promise.all(nodes.map(node => cluster.kafka.killNode(node)))
  await sleep(lengthMs)
  await Promise.all(nodes.map(node => cluster.kafka.startNode(node)))
  await cluster.untilInSync()
}

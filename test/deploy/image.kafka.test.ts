import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { describeCaptures } from '../captures.ts'
import { Cluster } from '../cluster.ts'
import { earshotBy, RunningEarshot } from '../earshot.ts'
import { analysisOf, figuresOf, figuresOnce, oneADay } from '../e2e/days.ts'
import { sendInTime } from '../faults/agent.ts'
import { inContainers } from './containers.ts'

const image = 'localhost/earshot-test:built'
const timeout = 240_000

/** The processes of containers write here, as another user. */
const folder = mkdtempSync(join(tmpdir(), 'earshot-image-test-'))
chmodSync(folder, 0o777)
const launch = inContainers(image, folder)

const build = (): string =>
  execFileSync('npm', ['run', '--silent', 'image', '--', '--tag', image, '--out', join(folder, 'out')], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  }).trim()

let built: string
beforeAll(() => {
  built = build()
}, 400_000)
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  execFileSync('buildah', ['rmi', '--force', image])
})

describe('the image', () => {
  it('has the same digest when it is built again', () => {
    expect(build()).toBe(built)
  }, 400_000)

  it('has no more than Node and Earshot need', async () => {
    expect(Number(/ (\d+) MB$/.exec(built)?.[1])).toBeLessThan(200)
    const { code, stdout } = await earshotBy(launch, ['--version'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})

describeCaptures('all captures through containers give the figures of analyze', () => {
  const flags = ['--clock', 'capture']
  const hep = ['--hep-host', '127.0.0.1', '--hep-udp-port', '0', '--hep-tcp-port', '0']

  it(
    'in the single profile’s role',
    async () => {
      const packets = await oneADay()
      const expected = analysisOf(packets)
      const running = await RunningEarshot.startBy(launch, 'up', ...hep, ...flags, '--data-dir', dataFolder('up'))
      try {
        await sendInTime(packets, [running.ports.tcp])
        expect(await figuresOnce(running, expected)).toEqual(figuresOf(expected))
        expect(await running.end('SIGTERM')).toBe(0)
      } finally {
        await running.end('SIGKILL')
      }
    },
    timeout
  )

  it(
    'in the roles of the pipeline, over a real Kafka',
    async () => {
      const packets = await oneADay()
      const expected = analysisOf(packets)
      const size = { nodes: 1, partitions: 3, collectors: 1, correlators: 2, monitors: 2, flags, launch }
      const cluster = await Cluster.start(size, dataFolder('cluster'))
      try {
        await sendInTime(packets, cluster.ports)
        expect(await figuresOnce(cluster.console.running, expected)).toEqual(figuresOf(expected))
        const flagsOfRecorder = ['--kafka-brokers', cluster.kafka.brokers.join(), '--data-dir', dataFolder('recorder')]
        const recorder = await RunningEarshot.startBy(launch, 'recorder', ...flagsOfRecorder)
        expect(await recorder.end('SIGTERM')).toBe(0)
        for (const member of cluster.all()) expect(await member.end('SIGTERM')).toBe(0)
      } finally {
        await cluster.stop()
      }
    },
    timeout
  )
})

function dataFolder(name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  chmodSync(path, 0o777)
  return path
}

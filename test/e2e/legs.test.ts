import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { LocalLog } from '@earshot/bus'
import { frameOf } from '../../services/earshot/replay.ts'
import { topics } from '../../services/pipeline.ts'
import { RunningEarshot } from '../earshot.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { b2buaCalls, joinedIn, joinedOffline, muchLater } from './b2bua.ts'
import { Pump } from './pump.ts'

const folder = temporaryFolder()
const timeout = 60_000

it(
  'legs of live HEP are joined as analyze does it, each call once, with a kill -9 while they wait',
  async () => {
    const dataDir = join(folder, 'legs')
    const upOn = (): Promise<RunningEarshot> => RunningEarshot.up('--clock', 'capture', '--data-dir', dataDir)
    const half = b2buaCalls.filter(({ capturedAt }) => capturedAt < b2buaCalls[0]!.capturedAt + 3e6)

    const killed = await upOn()
    await sent(killed, half)
    await killed.liveOnce(({ messages }) => messages['sip'] === half.length)
    await killed.end('SIGKILL')

    const running = await upOn()
    await sent(running, b2buaCalls.slice(half.length))
    await sent(running, muchLater)
    const until = Math.floor(muchLater.at(-1)!.capturedAt / 1e3)
    await running.liveOnce(({ now }) => now !== null && Date.parse(now) >= until)
    expect(await running.end('SIGTERM')).toBe(0)

    const log = new LocalLog({ path: join(dataDir, 'log.sqlite'), topics: { [topics.joined]: 1 } })
    await log.start()
    const found = await joinedIn(log)
    await log.stop()
    expect(found).toHaveLength(4)
    expect(found).toEqual(joinedOffline([...b2buaCalls, ...muchLater]))
    for (const { legs, faults } of found) {
      expect(legs).toMatchObject([{ class: 'unusable' }, { class: 'early_media', outer: legs[0]!.attempt }])
      expect(faults).toMatchObject([{ attempt: legs[0]!.attempt, codes: ['codec_mismatch'] }])
    }
  },
  timeout
)

async function sent({ ports }: RunningEarshot, packets: typeof b2buaCalls): Promise<void> {
  const frames = Iterator.from(packets).map(captured => frameOf(captured)!)
  expect(await new Pump(ports.tcp, frames).over()).toBe('done')
}

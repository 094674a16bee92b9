import { describe, expect, it } from '@jest/globals'
import { epochMicros, minus, plus, seconds, type EpochMicros } from '@earshot/units'
import { captureTicks, systemTicks, Ticker } from './ticker.ts'

const noon = epochMicros(1_767_225_600e6)
const at = (second: number): EpochMicros => plus(noon, seconds(second))

describe('with the clock of the system, a tick tells', () => {
  it.each([
    { name: 'the time when everything was read', ticks: [[10, undefined]], told: [10] },
    { name: 'how far an unread socket was read', ticks: [[10, 6.5]], told: [6.5] },
    { name: 'no time that has not come, whatever an agent says', ticks: [[10, 14]], told: [10] },
    {
      name: 'nothing while that is behind what was told',
      ticks: [
        [10, undefined],
        [11, 6],
        [12, 10.5]
      ],
      told: [10, undefined, 10.5]
    },
    { name: 'a minute ago at least, however old what comes is', ticks: [[100, 3]], told: [40] }
  ])('$name', ({ ticks, told }) => {
    const time = systemTicks()
    const heard = ticks.map(([now, unread]) => time(at(now!), unread === undefined ? undefined : at(unread)))
    expect(heard).toEqual(told.map(second => (second === undefined ? undefined : at(second))))
  })
})

describe('with the clock of the captures, a tick tells', () => {
  const told = (...seen: readonly { newest: number; packed: number; unread?: boolean }[]) => {
    const intake = { newest: epochMicros(-Infinity), packed: 0 }
    const time = captureTicks(intake, 2)
    return seen.map(({ newest, packed, unread }) => {
      Object.assign(intake, { newest: at(newest), packed })
      const tick = time(noon, unread ? at(newest) : undefined)
      return tick === undefined ? undefined : (tick - noon) / 1e6
    })
  }

  it('nothing before the first packet', () => {
    expect(told({ newest: -Infinity, packed: 0 })).toEqual([undefined])
  })

  it('the newest packet, and the lateness beyond it, again and again, once they have stopped', () => {
    const stopped = { newest: 20, packed: 2 }
    expect(told({ newest: 10, packed: 1 }, stopped, stopped, stopped, stopped)).toEqual([10, 20, 22, 22, 22])
  })

  it('no time twice while packets come or may be unread', () => {
    expect(
      told(
        { newest: 10, packed: 1 },
        { newest: 10, packed: 2 },
        { newest: 10, packed: 2, unread: true },
        { newest: 10, packed: 2 }
      )
    ).toEqual([10, undefined, undefined, 12])
  })
})

describe('a ticker', () => {
  /** What a tick does, step by step, over a log that is full or not. */
  async function steps(isFull: boolean, ...unread: (EpochMicros | undefined)[]): Promise<unknown[]> {
    const done: unknown[] = []
    const packer = {
      isFull,
      flush: async () => void done.push('flush'),
      cut: (newest?: EpochMicros) => void done.push(newest)
    }
    setImmediate(() => done.push('turn'))
    const sources = unread.map(each => ({ unreadAfter: () => each }))
    await new Ticker({
      everyMs: 1000,
      packer,
      sources,
      clock: { now: () => noon, follow: () => void done.push('follow') },
      time: systemTicks()
    }).tick()
    return done
  }

  it('lets what has come be read before it asks how far', async () => {
    expect(await steps(false, undefined, undefined)).toEqual(['follow', 'turn', noon])
  })

  it('tells how far the socket is that was read least', async () => {
    const [early, earlier] = [minus(noon, seconds(1)), minus(noon, seconds(3))]
    expect(await steps(false, early, undefined, earlier)).toEqual(['follow', 'turn', earlier])
  })

  it('waits while the log takes no more', async () => {
    expect(await steps(true, undefined)).toEqual(['follow', 'flush', 'turn', noon])
  })
})

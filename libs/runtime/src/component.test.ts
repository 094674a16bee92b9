import { describe, expect, it } from '@jest/globals'
import { assemble, type Component, run } from './component.ts'

/** A component that writes down what happens to it. */
function recorded(name: string, happened: string[], fails: { start?: boolean; stop?: boolean } = {}): Component {
  return {
    name,
    start: async () => {
      happened.push(`${name} starts`)
      if (fails.start === true) throw new Error(`${name} has no port`)
    },
    stop: async () => {
      happened.push(`${name} stops`)
      if (fails.stop === true) throw new Error(`${name} could not flush`)
    }
  }
}

describe('components that run together', () => {
  it('start from the sink to the source and stop in reverse', async () => {
    const happened: string[] = []
    const parts = await run(['store', 'correlator', 'listener'].map(name => recorded(name, happened)))
    await parts.stop()
    expect(happened).toEqual([
      'store starts',
      'correlator starts',
      'listener starts',
      'listener stops',
      'correlator stops',
      'store stops'
    ])
  })

  it('stop those already started when one does not start, and say why', async () => {
    const happened: string[] = []
    const parts = [
      recorded('store', happened),
      recorded('correlator', happened),
      recorded('listener', happened, { start: true }),
      recorded('console', happened)
    ]
    await expect(run(parts)).rejects.toThrow('listener has no port')
    expect(happened.slice(3)).toEqual(['correlator stops', 'store stops'])
  })

  it('stop once however often they are told to', async () => {
    const happened: string[] = []
    const parts = await run([recorded('store', happened)])
    await Promise.all([parts.stop(), parts.stop()])
    await parts.stop()
    expect(happened).toEqual(['store starts', 'store stops'])
  })

  it('are safe to stop before they start, and do not start then', async () => {
    const happened: string[] = []
    const parts = assemble('all', [recorded('store', happened)])
    await parts.stop()
    await expect(parts.start()).rejects.toThrow('all was stopped before it had started')
    expect(happened).toEqual([])
  })

  it('stop the one that is starting, and again when it has started nevertheless', async () => {
    const happened: string[] = []
    const { parts, starting, started } = await inTheMiddle(happened)
    const stopping = parts.stop()
    started.resolve()
    await expect(starting).rejects.toThrow('all was stopped before it had started')
    await stopping
    expect(happened).toEqual(['store starts', 'slow stops', 'slow stops', 'store stops'])
  })

  it('do not wait for a start that a stop ends', async () => {
    const happened: string[] = []
    const { parts, starting, started } = await inTheMiddle(happened, () => started.reject(new Error('given up')))
    const stopping = parts.stop()
    await expect(starting).rejects.toThrow('given up')
    await stopping
    expect(happened).toEqual(['store starts', 'slow stops', 'store stops'])
  })

  it('all stop even if one fails to, and say which', async () => {
    const happened: string[] = []
    const parts = await run([
      recorded('store', happened),
      recorded('correlator', happened, { stop: true }),
      recorded('listener', happened)
    ])
    await expect(parts.stop()).rejects.toThrow('correlator did not stop cleanly')
    expect(happened.slice(3)).toEqual(['listener stops', 'correlator stops', 'store stops'])
  })
})

/** Three components, of which the second has begun to start. */
async function inTheMiddle(happened: string[], whenStopped = (): void => undefined) {
  const reached = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const slow: Component = {
    name: 'slow',
    start() {
      reached.resolve()
      return started.promise
    },
    async stop() {
      happened.push('slow stops')
      whenStopped()
    }
  }
  const parts = assemble('all', [recorded('store', happened), slow, recorded('listener', happened)])
  const starting = parts.start()
  starting.catch(() => undefined)
  await reached.promise
  return { parts, starting, started }
}

import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { EventStream } from './event-stream.ts'

describe('a stream of events', () => {
  let server: Server | undefined
  let stream: EventStream
  afterEach(async () => {
    if (!server) return
    stream.end()
    server.close()
    await once(server, 'close')
    server = undefined
  })

  async function listening(show: () => unknown, isAllowed?: () => boolean): Promise<() => Promise<IncomingMessage>> {
    stream = new EventStream([{ name: 'figures', everyMs: 20, show }], 5)
    const started = createServer((_request, response) => stream.add(response, isAllowed))
    server = started.listen(0, '127.0.0.1')
    await once(started, 'listening')
    return async () => {
      const request = get(`http://127.0.0.1:${(started.address() as AddressInfo).port}`)
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      return response.setEncoding('utf8')
    }
  }

  const textUntil = async (response: IncomingMessage, wanted: string): Promise<string> => {
    const pieces: string[] = []
    // What is wanted may be cut in two.
    while (!pieces.slice(-2).join('').includes(wanted)) pieces.push(String((await once(response, 'data'))[0]))
    return pieces.join('')
  }

  it('begins with all that there is, and goes on with what has changed', async () => {
    let figure = 1
    const listen = await listening(() => ({ figure }))
    const first = await listen()
    expect(first.headers['content-type']).toBe('text/event-stream')
    expect(await textUntil(first, '}\n\n')).toBe('retry: 2000\n\nevent: figures\ndata: {"figure":1}\n\n')
    figure = 2
    expect(await textUntil(first, '}\n\n')).toBe('event: figures\ndata: {"figure":2}\n\n')
    expect(await textUntil(await listen(), '}\n\n')).toContain('{"figure":2}')
  })

  it('ends when whoever listens may no longer', async () => {
    let isAllowed = true
    const listen = await listening(
      () => ({ figure: 1 }),
      () => isAllowed
    )
    const listener = await listen()
    await textUntil(listener, '}\n\n')
    isAllowed = false
    await once(listener, 'end')
  })

  it('tells those who listen what it finds new for another', () => {
    let figure = 1
    const told: string[] = []
    const response = (name: string) =>
      Object.assign(new EventEmitter(), {
        writeHead: () => undefined,
        end: () => undefined,
        write: (text: string) => told.push(`${name} ${text.slice(-14).trim()}`)
      }) as unknown as ServerResponse
    const events = new EventStream([{ name: 'figures', everyMs: 0, show: () => ({ figure }) }], 1e6)
    const [first, second] = [response('first'), response('second')]
    events.add(first)
    figure = 2
    events.add(second)
    expect(told.filter(text => text.includes('figure'))).toEqual([
      'first {"figure":1}',
      'first {"figure":2}',
      'second {"figure":2}'
    ])
    first.emit('close')
    second.emit('close')
  })

  it('gives a slow reader the newest when it reads on, and keeps nothing else for it', async () => {
    let figure = 0
    const filler = 'x'.repeat(4 << 20)
    const listen = await listening(() => ({ filler, figure }))
    const slow = await listen()
    slow.pause()
    const quick = await listen()
    for (figure = 1; figure <= 3; figure++) await textUntil(quick, `"figure":${figure}}\n\n`)
    figure = 4
    const text = await textUntil(slow.resume(), '"figure":4}\n\n')
    expect(text.split('event: ').length - 1).toBeLessThan(5)
  })
})

import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { EventStream } from './event-stream.ts'

describe('a stream of events', () => {
  let server: Server
  let stream: EventStream
  afterEach(async () => {
    stream.end()
    server.close()
    await once(server, 'close')
  })

  async function listening(show: () => unknown): Promise<() => Promise<IncomingMessage>> {
    stream = new EventStream([{ name: 'figures', everyMs: 20, show }], 5)
    server = createServer((_request, response) => stream.add(response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return async () => {
      const request = get(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
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

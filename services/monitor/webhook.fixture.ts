import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A webhook on this machine that keeps what it was told. */
export async function receiver<Body>(): Promise<Receiver<Body>> {
  const told: Body[] = []
  const waiting: { readonly is: (body: Body) => boolean; readonly resolve: (body: Body) => void }[] = []
  let status = 200
  const take = (body: Body): void => {
    told.push(body)
    for (const { is, resolve } of waiting) if (is(body)) resolve(body)
  }
  const server = createServer((request, response) => {
    void text(request).then(body => {
      take(JSON.parse(body) as Body)
      response.writeHead(status).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/alerts`,
    told,
    answers: code => (status = code),
    next: is => new Promise(resolve => waiting.push({ is, resolve })),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

export type Receiver<Body> = {
  readonly url: string
  readonly told: readonly Body[]
  answers(status: number): void
  /** Resolves with the next that is so. */
  next(is: (body: Body) => boolean): Promise<Body>
  close(): Promise<void>
}

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Of 127.0.0.1: the usual one, or where that is taken or there is none, one that the system chooses. */
export async function freePort(usual = 0): Promise<number> {
  return (await portIfFree(usual)) ?? (await portIfFree(0))!
}

async function portIfFree(wanted: number): Promise<number | undefined> {
  const server = createServer()
  try {
    await once(server.listen(wanted, '127.0.0.1'), 'listening')
  } catch {
    return undefined
  }
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

import type { Socket } from 'node:dgram'
import type { Server } from 'node:net'

/** Where the machine has no IPv6, every address is every IPv4 address. */
export async function onEveryAddress<Bound>(host: string, bind: (host: string) => Promise<Bound>): Promise<Bound> {
  return bind(host).catch((error: unknown) => {
    const { code } = (error as Error).cause as NodeJS.ErrnoException
    if (host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' || code === 'EINVAL'))
      return bind('0.0.0.0')
    throw error
  })
}

/** Resolves once the socket listens; rejects with what to do where it cannot. */
export async function listening(
  what: 'UDP' | 'TCP' | 'TLS',
  host: string,
  port: number,
  socket: Socket | Server,
  bind: () => void
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const emitter: NodeJS.EventEmitter = socket
    emitter.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? `another process has that port; stop it or choose another with --hep-${what.toLowerCase()}-port`
          : cause.message
      reject(new Error(`HEP cannot listen on ${what} ${host} port ${port}: ${why}`, { cause }))
    })
    emitter.once('listening', () => resolve())
    bind()
  })
}

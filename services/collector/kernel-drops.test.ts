import { createSocket } from 'node:dgram'
import { describe, expect, it } from '@jest/globals'
import { dropsIn, KernelDrops } from './kernel-drops.ts'

const table = `
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  321: 00000000:2364 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 50101 2 0000000000000000 17
  322: 00000000:2364 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 60202 2 0000000000000000 99
  323: 0100007F:2365 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 50102 2 0000000000000000 5
  324: 00000000000000000000000000000000:2364 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 50103 2 0000000000000000 4
`

describe('what the kernel threw away of a UDP port', () => {
  it.each([
    { port: 9060, inodes: ['50101', '50103'], drops: [17, 4] },
    { port: 9060, inodes: ['60202'], drops: [99] },
    { port: 9061, inodes: ['50102'], drops: [5] },
    { port: 9062, inodes: ['50101'], drops: [] }
  ])('is in the last column of our sockets at port $port', ({ port, inodes, drops }) => {
    expect(dropsIn(table, port, new Set(inodes))).toEqual(drops)
  })

  const onLinux = process.platform === 'linux' ? it : it.skip
  onLinux('is read from the running system', async () => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4096 })
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    const { port } = socket.address()
    const told: number[] = []
    const drops = new KernelDrops(
      () => port,
      count => told.push(count)
    )
    await drops.start()
    await drops.read()
    expect(told).toEqual([0])
    await drops.stop()
    socket.close()
  })
})

import { expect, it } from '@jest/globals'
import { DiskGuard } from './disk-guard.ts'

it('says that the disk is full until clearly more is free, and keeps to what it knew when the disk cannot be asked', async () => {
  let free: number | Error = 1001
  const guard = new DiskGuard({
    folder: '/data',
    minFree: 1000,
    freeBytes: () => (typeof free === 'number' ? Promise.resolve(free) : Promise.reject(free))
  })
  const isFullAt = async (now: number | Error): Promise<boolean> => {
    free = now
    await guard.look()
    return guard.isFull
  }
  expect(await isFullAt(1000)).toBe(false)
  expect(await isFullAt(999)).toBe(true)
  expect(await isFullAt(new Error('gone'))).toBe(true)
  expect(await isFullAt(1050)).toBe(true)
  expect(await isFullAt(1101)).toBe(false)
})

it('asks the real disk', async () => {
  const guard = new DiskGuard({ folder: import.meta.dirname, minFree: Number.MAX_SAFE_INTEGER })
  await guard.start()
  expect(guard.isFull).toBe(true)
  await guard.stop()
})

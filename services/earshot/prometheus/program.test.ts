import { describe, expect, it } from '@jest/globals'
import { freePort } from './free-port.ts'
import { Program } from './program.ts'

const serves = `
const server = require('http').createServer((_, response) => response.end())
server.listen(Number(process.argv[1]), '127.0.0.1')
`

async function program(code: string, command = process.execPath) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const failed = Promise.withResolvers<Error>()
  const running = new Program('The program', {
    command,
    args: ['-e', code, String(port)],
    readyAt: url,
    onFailure: failed.resolve
  })
  return { running, url, failed: failed.promise }
}

describe('a program beside the process', () => {
  it('has started when it answers, and is gone when it was stopped', async () => {
    const { running, url } = await program(serves)
    await running.start()
    expect((await fetch(url)).ok).toBe(true)
    await running.stop()
    await running.stop()
    await expect(fetch(url)).rejects.toThrow()
  })

  it.each([
    { name: 'ends at once', code: 'console.error("no such file"); process.exit(3)', says: 'The program has ended (3)' },
    { name: 'is killed', code: 'process.kill(process.pid, "SIGKILL")', says: 'The program has ended (SIGKILL)' }
  ])('does not start when it $name', async ({ code, says }) => {
    const { running } = await program(code)
    await expect(running.start()).rejects.toThrow(says)
  })

  it('says what it said last', async () => {
    const { running } = await program('console.error("first"); console.error("no such file"); process.exit(3)')
    await expect(running.start()).rejects.toMatchObject({ cause: { message: 'no such file' } })
  })

  it('does not start when it is not there', async () => {
    const { running } = await program(serves, '/none/of/these')
    await expect(running.start()).rejects.toThrow('The program cannot be run')
  })

  it('is told of when it ends by itself, and not when it is stopped', async () => {
    const ends = await program(`${serves}; server.on('request', () => process.exit(4))`)
    // The first answer is that of the start; it ends after it.
    await ends.running.start()
    expect((await ends.failed).message).toBe('The program has ended (4)')
    await ends.running.stop()

    const stopped = await program(serves)
    let failures = 0
    void stopped.failed.then(() => failures++)
    await stopped.running.start()
    await stopped.running.stop()
    expect(failures).toBe(0)
  })
})

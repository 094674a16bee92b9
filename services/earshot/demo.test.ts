import { expect, it } from '@jest/globals'
import { loadConfig } from '@earshot/runtime'
import { demo } from './demo.ts'

it('the demo sends its traffic to where it listens, and ends when it is stopped', async () => {
  const flags = { memory: true, logLevel: 'silent', hepUdpPort: '0', hepTcpPort: '0', httpPort: '0' }
  const failures: Error[] = []
  const running = demo(loadConfig({ flags, env: {} }), error => failures.push(error))
  await running.start()
  const heard = async (): Promise<number> => {
    const { agents } = (await (await fetch(`${running.url}/api/peers`)).json()) as { agents: unknown[] }
    return agents.length
  }
  while ((await heard()) === 0);
  await running.stop()
  expect(failures).toEqual([])
})

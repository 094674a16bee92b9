import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { describeWith } from '../describe-tools.ts'

const command = join(import.meta.dirname, '../../services/earshot/earshot.js')
const free = ['--http-port', '0', '--hep-udp-port', '0', '--hep-tcp-port', '0', '--log-level', 'silent']

type Rules = {
  readonly groups: readonly { readonly rules: readonly { readonly name: string; readonly health: string }[] }[]
}

type Alertmanagers = { readonly activeAlertmanagers: readonly { readonly url: string }[] }

describeWith('prometheus', 'prometheus-alertmanager')('the demo with the real Prometheus', () => {
  it('has every rule evaluated, and Alertmanager known to Prometheus', async () => {
    const demo = spawn(process.execPath, [command, 'demo', '--with', 'prometheus', ...free], {
      stdio: ['ignore', 'ignore', 'pipe']
    })
    try {
      const [, prometheus = '', alertmanager = ''] = await told(
        demo.stderr,
        /Prometheus is at (\S+)\/alerts, Alertmanager at (\S+)/
      )
      const ask = async <Answer>(path: string): Promise<Answer> => {
        const response = await fetch(`${prometheus}/api/v1/${path}`)
        return (JSON.parse(await response.text()) as { data: Answer }).data
      }
      const health = async (): Promise<string[]> => {
        const { groups } = await ask<Rules>('rules')
        return groups.flatMap(({ rules }) => rules.map(each => each.health))
      }
      while ((await health()).includes('unknown')) await pause(200)
      expect(new Set(await health())).toEqual(new Set(['ok']))
      const known = async (): Promise<Alertmanagers> => ask('alertmanagers')
      while ((await known()).activeAlertmanagers.length === 0) await pause(200)
      expect((await known()).activeAlertmanagers).toEqual([{ url: `${alertmanager}/api/v2/alerts` }])
    } finally {
      demo.kill('SIGTERM')
      await once(demo, 'close')
    }
  }, 60_000)
})

async function told(output: NodeJS.ReadableStream, what: RegExp): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: output })) {
    const match = what.exec(line)
    if (match) {
      output.resume()
      return match
    }
    lines.push(line)
  }
  throw new Error(lines.join('\n'))
}

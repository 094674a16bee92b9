import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { RunningEarshot } from '../earshot.ts'
import { series } from '../prometheus.ts'

/** Something that takes HEP in a process of its own, and what it says of itself. */
export type Receiver = {
  readonly ports: { readonly udp: number; readonly tcp: number }
  figures(): Promise<Figures>
  end(): Promise<void>
}

export type Figures = {
  readonly cpuSeconds: number
  readonly packets: number
  /** SIP messages worked by the correlator; 0 where there is none. */
  readonly messages: number
}

/** The collector over a log in a file, and nobody who reads that log. */
export async function collectorAlone(folder: string): Promise<Receiver> {
  const child = fork(fileURLToPath(new URL('collector.child.ts', import.meta.url)), [folder])
  const [ports] = (await once(child, 'message')) as [Receiver['ports']]
  return {
    ports,
    async figures() {
      child.send('figures')
      const [text] = (await once(child, 'message')) as [string]
      return figuresOf(text)
    },
    async end() {
      child.disconnect()
      await once(child, 'exit')
    }
  }
}

/** `earshot up` with its log in a file: what comes in is correlated and counted as well. */
export async function everything(folder: string): Promise<Receiver> {
  const bytes = String(1 << 30)
  const running = await RunningEarshot.up('--clock', 'capture', '--data-dir', folder, '--retention-bytes', bytes)
  return {
    ports: running.ports,
    figures: async () => figuresOf(await running.metrics()),
    end: async () => void (await running.end('SIGTERM'))
  }
}

function figuresOf(text: string): Figures {
  const all = series(text)
  const sum = (name: string, kind?: string): number =>
    all
      .filter(each => each.name === name && each.labels['kind'] === kind)
      .reduce((total, { value }) => total + value, 0)
  return {
    cpuSeconds: sum('process_cpu_seconds_total'),
    packets: sum('earshot_packets_total'),
    messages: sum('earshot_messages_total', 'sip')
  }
}

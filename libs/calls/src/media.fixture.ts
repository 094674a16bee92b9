import { ladder } from '@earshot/traffic'
import { minus, plus, seconds } from '@earshot/units'
import { Correlator, messagesOf, type AttemptRecord } from './index.ts'

type Report = Parameters<Correlator['hear']>[0]
type Heard = { readonly at: number; readonly way: string } & Partial<Pick<Report, 'from' | 'packets' | 'callId'>>

const hosts: Readonly<Record<string, string>> = { a: '10.0.0.1', b: '203.0.113.7', c: '203.0.113.8' }

const endpoint = (text: string): Report['source'] => {
  const [host, port] = text.split(' ')
  return { address: hosts[host!] ?? host!, port: Number(port) }
}

/** Call-ID of a ladder's first call. */
export const first = 'call-1@ladder.example'

/** Folds a ladder of SIP and reports of media: `way` is as `b 20000 > a 20000`, `at` is in s from the ladder's begin. */
export function listening(text: string, options: Partial<ConstructorParameters<typeof Correlator>[0]> = {}) {
  const messages = messagesOf(ladder(text))
  const begin = messages[0]!.at
  const attempts: AttemptRecord[] = []
  const correlator = new Correlator({
    emit: record => void (record.kind === 'attempt' && attempts.push(record)),
    keepsChanges: true,
    ...options
  })
  const pending = [...messages]
  /** Folds what comes before that time. */
  const until = (at: number): void => {
    while (pending.length > 0 && pending[0]!.at <= at) correlator.process(pending.shift()!)
  }
  const hear = ({ at, way, from = 'rtp', packets = 1, callId }: Heard): void => {
    const [source, destination] = way.split(' > ').map(endpoint)
    const time = plus(begin, seconds(at))
    until(time)
    correlator.hear({ at: time, from, callId, source: source!, destination: destination!, packets })
  }
  const changed = (): string[] => correlator.changes().map(({ key }) => key)
  const finish = (): AttemptRecord[] => {
    until(Infinity)
    correlator.finish()
    return attempts.sort((one, other) => minus(one.startedAt, other.startedAt as never))
  }
  return { correlator, until: (at: number) => until(begin + at * 1e6), hear, changed, finish }
}

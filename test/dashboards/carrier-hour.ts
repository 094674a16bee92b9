import { carrierPeers, carrierTraffic, ladder, usualIncidents } from '@earshot/traffic'
import { epochMicros, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { played, type Played } from './played.ts'

/** The panels that this hour cannot fill, with the reason; each has a test with traffic of its own. */
export const exceptions: Readonly<Record<string, string>> = {
  'Times adjusted': 'the play goes by the time of its packets, which is then never adjusted: panels.tools.test.ts',
  'Time to restore': 'an embedded log does not tell it: restored.kafka.test.ts'
}

const lasts = 45 * 60
/** As those of the generator. */
const faultsAfter = lasts / 3

/** The demo's traffic, 45 minutes of it that end now, with what the demo does not do: a drop in Allow, and rubbish. */
export function carrierHour(folder: string): Promise<Played> {
  const start = epochMicros((Math.floor(Date.now() / 60e3) * 60 - lasts) * 1e6)
  const incidents = usualIncidents(lasts)
  const traffic = carrierTraffic({ seed: 2026, start, attemptsPerSecond: 4, incidents })
  return played(folder, {
    messages: inOrder(traffic.messages, allowDrop(plus(start, seconds(60)))),
    start,
    seconds: lasts,
    everySeconds: 30,
    peers: { peers: carrierPeers },
    // Past ten of a kind in a second the collector keeps none.
    rubbish: Array.from({ length: 25 }, () => Buffer.from('GET / HTTP/1.1\r\n\r\n'))
  })
}

/** Pings of a peer, which lists INFO in Allow until the faults begin. */
function allowDrop(start: EpochMicros): Captured[] {
  return Array.from({ length: 200 }, (_, index) => {
    const at = index * 10
    const allow = `INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE${at < faultsAfter ? ', INFO' : ''}`
    return ladder(
      `b = 192.0.2.70:5060\n${at}s a>b OPTIONS call=ping${index}\n${at}.02s b>a 200 OPTIONS call=ping${index} Allow: ${allow}`,
      {
        start
      }
    )
  }).flat()
}

/** Two streams, each in the order of time, as one. */
function* inOrder(endless: Iterable<Captured>, few: readonly Captured[]): Generator<Captured> {
  let taken = 0
  for (const message of endless) {
    for (let each = few[taken]; each && each.capturedAt <= message.capturedAt; each = few[++taken]) yield each
    yield message
  }
}

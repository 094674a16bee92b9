import { beforeAll, describe, expect, it } from '@jest/globals'
import { readSip, type SipMessage } from '@earshot/sip'
import { epochMicros, type Captured } from '@earshot/units'
import { carrierPeers, carrierProfiles, carrierTraffic, type CarrierOptions, type CarrierTruth } from './index.ts'

const start = epochMicros(1_767_225_600_000_000)
const options: CarrierOptions = { seed: 7, start, durationSeconds: 240, attemptsPerSecond: 10, medianTalkSeconds: 30 }

type Seen = Captured & { readonly sip: SipMessage; readonly peer: string; readonly toPeer: boolean }

const peerOf = new Map(
  carrierProfiles.flatMap(({ addresses, registry }) =>
    addresses.map(({ address }) => [address, registry.name] as const)
  )
)

function read(captured: Captured): Seen {
  const { messages, rest } = readSip(captured.payload)
  expect([messages.length, rest, messages[0]?.problem]).toEqual([1, undefined, undefined])
  expect(messages[0]!.header('Content-Length')).toBe(String(messages[0]!.body.length))
  const peer = peerOf.get(captured.destination.address) ?? peerOf.get(captured.source.address) ?? 'nobody'
  return { ...captured, sip: messages[0]!, peer, toPeer: peerOf.has(captured.destination.address) }
}

const key = ({ sip, peer, toPeer }: Seen): string => {
  const outbound = toPeer === sip.isRequest
  return `${peer} ${outbound ? 'outbound' : 'inbound'}`
}

/** Counts `what` by peer and direction, each identity once. */
function countOnce(seen: readonly Seen[], identity: (message: Seen) => string | undefined): Record<string, number> {
  const known = new Set<string>()
  const counts: Record<string, number> = {}
  for (const message of seen) {
    const id = identity(message)
    if (id === undefined || known.has(`${key(message)} ${id}`)) continue
    known.add(`${key(message)} ${id}`)
    counts[key(message)] = (counts[key(message)] ?? 0) + 1
  }
  return counts
}

const truthBy = (truth: CarrierTruth, count: (peer: CarrierTruth['peers'][number]) => number): Record<string, number> =>
  Object.fromEntries(
    truth.peers
      .map(peer => [`${peer.peer} ${peer.direction}`, count(peer)] as const)
      .filter(([, counted]) => counted > 0)
  )

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, count) => total + count, 0)

describe('the traffic of a carrier', () => {
  const traffic = carrierTraffic(options)
  let seen: Seen[] = []
  beforeAll(() => {
    seen = [...traffic.messages].map(read)
  })

  it('has times in whole microseconds, as captures have', () => {
    expect(seen.filter(({ capturedAt }) => !Number.isInteger(capturedAt))).toEqual([])
  })

  it('is the same for the same seed and another for another', () => {
    const first = (seed: number): string =>
      [...carrierTraffic({ ...options, seed, durationSeconds: 20 }).messages]
        .map(({ payload }) => String(payload))
        .join()
    expect(first(7)).toBe(first(7))
    expect(first(7)).not.toBe(first(8))
  })

  it('comes in the order of time', () => {
    expect(seen.every(({ capturedAt }, index) => index === 0 || capturedAt >= seen[index - 1]!.capturedAt)).toBe(true)
  })

  it('counts every message it gave out', () => {
    const { messages } = traffic.truth
    expect(messages.sip).toBe(seen.length)
    const identities = new Map<string, Set<string>>()
    for (const { agent, payload, capturedAt } of seen) {
      const text = String(payload)
      identities.set(text, (identities.get(text) ?? new Set()).add(`${agent} ${capturedAt}`))
    }
    const copies = [...identities.values()].reduce((total, { size }) => total + size - 1, 0)
    expect(messages.retransmissions + messages.duplicates).toBe(copies)
    expect(messages.duplicates).toBe(seen.filter(({ agent }) => agent === '201').length)
    expect(messages.retransmissions).toBeGreaterThan(10)
  })

  it('has one request to each branch, but for ACK and CANCEL, which may share that of their INVITE', () => {
    const requests = new Map<string, string>()
    for (const { sip } of seen.filter(({ sip }) => sip.isRequest)) {
      const known = requests.get(`${sip.branch} ${sip.method}`) ?? sip.bytes.toString()
      expect(known).toBe(sip.bytes.toString())
      requests.set(`${sip.branch} ${sip.method}`, known)
    }
    const owners = [...requests.keys()].filter(name => !/ (ACK|CANCEL)$/.test(name)).map(name => name.split(' ')[0])
    expect(new Set(owners).size).toBe(owners.length)
  })

  it('has no response without its request', () => {
    const asked = new Set<string>()
    const orphans: string[] = []
    for (const { sip, agent } of seen) {
      const transaction = `${agent} ${sip.branch} ${sip.cseq} ${sip.cseqMethod} ${sip.callId}`
      if (sip.isRequest) asked.add(transaction)
      else if (!asked.has(transaction)) orphans.push(transaction)
    }
    expect(orphans).toEqual([])
  })

  it('sums up: outcomes, classes and cells to the attempts of each peer', () => {
    for (const { attempts, outcomes, classes, cells, earlyMedia } of traffic.truth.peers) {
      expect([sum(outcomes), sum(classes), sum(cells)]).toEqual([attempts, attempts, attempts])
      expect([earlyMedia.attempts, sum(earlyMedia.outcomes)]).toEqual([classes.early_media, classes.early_media])
    }
  })

  it('has the calls, attempts, 183s and rejections that the messages show', () => {
    const { truth } = traffic
    const initial = seen.filter(({ sip }) => sip.method === 'INVITE' && sip.toTag === '')
    expect(new Set(initial.map(({ sip }) => sip.callId + sip.fromTag)).size).toBe(truth.calls)
    expect(countOnce(initial, ({ sip }) => sip.callId + sip.fromTag)).toEqual(truthBy(truth, peer => peer.attempts))
    const description = (wanted: boolean) => (message: Seen) =>
      message.sip.status === 183 && (message.sip.description !== undefined) === wanted
        ? `${message.sip.callId} ${message.sip.cseq} ${message.sip.toTag} ${message.sip.rseq}`
        : undefined
    expect(countOnce(seen, description(true))).toEqual(truthBy(truth, peer => peer.responses183.withSdp))
    expect(countOnce(seen, description(false))).toEqual(truthBy(truth, peer => peer.responses183.withoutSdp))
    const rejection = ({ sip }: Seen): string | undefined =>
      sip.status === 501 || sip.status === 405 ? sip.branch : undefined
    const transactions = truthBy(truth, peer =>
      peer.rejections.reduce((total, { transactions }) => total + transactions, 0)
    )
    expect(countOnce(seen, rejection)).toEqual(transactions)
  })

  it('has the answered attempts and the seconds of early media that the messages show', () => {
    const initial = new Set(
      seen.filter(({ sip }) => sip.method === 'INVITE' && sip.toTag === '').map(({ sip }) => sip.branch)
    )
    const responses = seen.filter(({ sip, agent }) => sip.status > 100 && initial.has(sip.branch) && agent !== '201')
    const ofInvite = responses.filter(({ sip }) => sip.cseqMethod === 'INVITE')
    const answered = ({ sip }: Seen): string | undefined => (sip.status === 200 ? sip.branch : undefined)
    expect(countOnce(ofInvite, answered)).toEqual(truthBy(traffic.truth, peer => peer.outcomes.answered ?? 0))
    const began = new Map<string, number>()
    let total = 0
    for (const message of ofInvite) {
      const { sip, capturedAt } = message
      const usable = sip.description && !sip.pEarlyMedia && !sip.description.includes('G722/8000')
      if (sip.status < 200 && usable && !began.has(sip.branch)) began.set(sip.branch, capturedAt)
      if (sip.status < 200) continue
      total += capturedAt - (began.get(sip.branch) ?? capturedAt)
      began.delete(sip.branch)
    }
    const told = traffic.truth.peers.reduce((seconds, { earlyMedia }) => seconds + earlyMedia.seconds, 0)
    expect(told).toBeCloseTo(total / 1e6, 4)
  })

  it('ends more than 32 s after the last INVITE, so that nothing is left open', () => {
    const lastInvite = seen.findLast(({ sip }) => sip.method === 'INVITE')!
    expect(seen.at(-1)!.capturedAt - lastInvite.capturedAt).toBeGreaterThan(32e6)
  })

  it('has every kind of message that carriers send', () => {
    const kinds = new Set(seen.map(({ sip }) => (sip.isRequest ? sip.method : `${sip.status} ${sip.cseqMethod}`)))
    const expected = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'PRACK', 'UPDATE', 'INFO', 'OPTIONS', '200 PRACK', '200 CANCEL']
    const answers = [100, 180, 183, 200, 302, 404, 407, 480, 486, 487, 503, 603].map(status => `${status} INVITE`)
    expect([...kinds]).toEqual(
      expect.arrayContaining([...expected, ...answers, '501 UPDATE', '501 INFO', '405 OPTIONS'])
    )
  })

  it('has messages as large as they are on the wire', () => {
    const invites = seen.filter(({ sip }) => sip.method === 'INVITE').map(({ payload }) => payload.length)
    expect(Math.min(...invites)).toBeGreaterThan(650)
    expect(Math.max(...invites)).toBeLessThan(1300)
  })

  it('lets UPDATE fail from the incident on, and only at that peer', () => {
    const rejected = seen.filter(({ sip }) => sip.status === 501 && sip.cseqMethod === 'UPDATE')
    const accepted = seen.filter(
      ({ sip, peer, toPeer }) =>
        sip.status === 200 && sip.cseqMethod === 'UPDATE' && peer === 'Atlas Transit' && !toPeer
    )
    expect([...new Set(rejected.map(({ peer }) => peer))]).toEqual(['Atlas Transit'])
    expect(rejected[0]!.capturedAt).toBeGreaterThanOrEqual(start + 80e6)
    expect(accepted.length).toBeGreaterThan(20)
    expect(accepted.at(-1)!.capturedAt).toBeLessThan(start + 80.1e6)
    expect(rejected.every(({ sip }) => sip.allow !== undefined && !sip.allow.includes('UPDATE'))).toBe(true)
  })

  it('has no incident where none is asked for', () => {
    const { messages, truth } = carrierTraffic({ ...options, incidents: [] })
    for (const { payload } of messages) expect(payload.length).toBeGreaterThan(0)
    const methods = new Set(truth.peers.flatMap(({ rejections }) => rejections.map(({ method }) => method)))
    expect([...methods].sort()).toEqual(['INFO', 'OPTIONS'])
    const asr = (found: CarrierTruth): number => {
      const peer = found.peers.find(({ peer, direction }) => peer === 'Pacific Carrier' && direction === 'outbound')!
      return (peer.earlyMedia.outcomes.answered ?? 0) / peer.earlyMedia.attempts
    }
    expect(asr(truth)).toBeGreaterThan(0.4)
    expect(asr(traffic.truth)).toBeLessThan(0.35)
  })

  it('goes on for ever without a duration, and makes nothing ahead of its time', () => {
    let count = 0
    for (const { capturedAt } of carrierTraffic({ seed: 1, start }).messages) {
      if (++count === 5000) break
      expect(capturedAt).toBeLessThan(start + 3600e6)
    }
    expect(count).toBe(5000)
  })
})

describe('the registry of the carriers', () => {
  it('has every address of the traffic, and ours', () => {
    const ours = carrierPeers.filter(peer => peer.ours)
    expect(ours.map(({ members }) => members)).toEqual([['10.0.0.0/24', '2001:db8:0:10::/64']])
    expect(carrierPeers.map(({ name }) => name)).toEqual(['Our network', ...new Set(peerOf.values())])
  })
})

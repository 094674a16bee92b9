import { describe, expect, it } from '@jest/globals'
import { micros, plus, seconds, type Captured } from '@earshot/units'
import fc from 'fast-check'
import { foldFile, foldLive, newestOf, sorted, type Folded } from './fold.fixture.ts'
import { eventsOf, work } from './fold.ts'
import { Correlator, earlyClasses, LegJoin, messagesOf, outcomes, type CallsRecord, type LegsRecord } from './index.ts'
import { everybody, failing, ladderNames, traffic } from './traffic.fixture.ts'

const check = <Ts extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
  law: (...args: Ts) => void
): void => fc.assert(fc.property(...arbitraries, law), { numRuns: 200 })

/** A BYE or 199, behind which a 183 says nothing any more. */
const endsEarlyDialogs = (messages: readonly Captured[]): boolean =>
  messages.some(({ payload }) => /^(BYE |SIP\/2\.0 199 )/.test(payload.toString('latin1')))

const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 })

/** A short generator, for what each message of unknown number needs one of. */
function numbers(seedNumber: number): (below: number) => number {
  let state = seedNumber
  return below => (state = (state * 48271) % 2147483647) % below
}

const jittered = (messages: readonly Captured[], below: number, next: (below: number) => number): Captured[] =>
  messages
    .map(message => ({ message, arrival: message.capturedAt + next(below) }))
    .sort((a, b) => a.arrival - b.arrival)
    .map(({ message }) => message)

const seenLater = (message: Captured, micro: number, agent = message.agent): Captured => ({
  ...message,
  agent,
  capturedAt: plus(message.capturedAt, micros(micro))
})

const figures = ({ attempts, rejections, ends }: Folded): unknown => ({ attempts, rejections, ends })

/** Without the one flag that retransmissions are the evidence of (EM-6), and what is said about it. */
const withoutEvidence = ({ attempts, rejections, ends }: Folded): unknown => ({
  attempts: attempts.map(({ diagnosis: _diagnosis, atFault: _atFault, flags, ...attempt }) => ({
    ...attempt,
    flags: flags.filter(flag => flag !== 'prack_missing')
  })),
  rejections,
  ends
})

/** Long after everything, so that it does not matter when a file ends. */
const long = (messages: readonly Captured[]) =>
  plus(
    messages.reduce((newest, { capturedAt }) => (capturedAt > newest ? capturedAt : newest), messages[0]!.capturedAt),
    seconds(7200)
  )

describe('the fold of calls', () => {
  it('is the same live as from a file', () => {
    check([traffic()], messages => {
      expect(foldLive(messages, everybody)).toEqual(foldFile(messages, everybody))
    })
  })

  it('does not depend on the order of arrival inside the lateness window', () => {
    const names = ladderNames.filter(name => failing[name] === undefined)
    check([traffic(names), seed], (messages, start) => {
      const shuffled = jittered(messages, 1_999_999, numbers(start))
      expect(foldLive(shuffled, everybody)).toEqual(foldFile(messages, everybody))
    })
  })

  it('says the same of every message seen twice, but for duplicates', () => {
    check([traffic(), seed], (messages, start) => {
      const next = numbers(start)
      const copies = messages.map(message =>
        seenLater(message, message.media ? 0 : 1 + next(49_998), `${message.agent} tap`)
      )
      const [once, twice] = [messages, jittered([...messages, ...copies], 1_900_000, next)].map(each =>
        foldLive(each, everybody, long(messages))
      )
      expect(figures(twice!)).toEqual(figures(once!))
      expect(twice!.counts).toMatchObject({
        sip: 2 * once!.counts.sip,
        unparsable: 2 * once!.counts.unparsable,
        orphans: 2 * once!.counts.orphans,
        late: once!.counts.late,
        calls: once!.counts.calls
      })
    })
  })

  it('says the same of every message sent three times, but for retransmissions', () => {
    // Near 50 s a retransmission decides whether the next one is a refresh: that counts from the last (TX-4).
    const names = ladderNames.filter(name => !name.includes('refresh'))
    check([traffic(names), seed], (messages, start) => {
      const next = numbers(start)
      const copies = messages.flatMap(message =>
        message.media ? [] : [51_000, 200_000].map(after => seenLater(message, after + next(1_000)))
      )
      const [once, thrice] = [messages, [...messages, ...copies]].map(each =>
        foldLive(inArrival(each), everybody, long(messages))
      )
      expect(withoutEvidence(thrice!)).toEqual(withoutEvidence(once!))
      expect(thrice!.counts).toMatchObject({
        sip: 3 * once!.counts.sip,
        orphans: 3 * once!.counts.orphans,
        late: once!.counts.late,
        calls: once!.counts.calls
      })
    })
  })

  it('gives each attempt one class and one outcome, and an id of its own', () => {
    check([traffic()], messages => {
      const { attempts, rejections, ends } = foldFile(messages, everybody)
      const cells = new Map<string, number>()
      for (const each of attempts) {
        const cell = `${each.class} ${each.outcome}`
        cells.set(cell, (cells.get(cell) ?? 0) + 1)
      }
      let sum = 0
      for (const early of earlyClasses) for (const outcome of outcomes) sum += cells.get(`${early} ${outcome}`) ?? 0
      expect(sum).toBe(attempts.length)
      expect(new Set([...attempts, ...rejections].map(({ id }) => id)).size).toBe(attempts.length + rejections.length)
      expect(new Set(ends.map(({ id }) => id)).size).toBe(ends.length)
      const answered = new Map(attempts.flatMap(each => (each.outcome === 'answered' ? [[each.id, each]] : [])))
      for (const { id, endedAt, answeredAt, talkSeconds, release } of ends) {
        expect(answered.get(id)?.endedAt).toBe(answeredAt)
        expect(talkSeconds).toBe(release === 'unseen' ? undefined : (endedAt - answeredAt) / 1e6)
      }
      for (const { earlyMediaSeconds, class: early, responses183 } of attempts) {
        expect(earlyMediaSeconds).toBeGreaterThanOrEqual(0)
        expect(early === 'early_media' || earlyMediaSeconds === 0).toBe(true)
        const isPlain = ['none', 'ringing', 'progress'].includes(early)
        expect(isPlain && responses183.withSdp > 0 && !endsEarlyDialogs(messages)).toBe(false)
      }
    })
  })

  it('gives the same records when it is cut at any point and continued from its state', () => {
    check([traffic(), seed], (messages, start) => {
      const next = numbers(start)
      const { events } = eventsOf(messages)
      const cuts = new Set([next(events.length + 1), next(events.length + 1)])
      const records: CallsRecord[] = []
      const state = new Map<string, Buffer>()
      const fresh = (): Correlator =>
        new Correlator({
          parties: everybody,
          keepsChanges: true,
          emit: record => records.push(record),
          emitLeg: leg => join.take(leg)
        })
      const legs: LegsRecord[] = []
      const join = new LegJoin({ emit: record => legs.push(record) })
      let correlator = fresh()
      const counts = { ...correlator.counts }
      const addCounts = (): void => {
        for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += correlator.counts[key]
      }
      for (let index = 0; index <= events.length; index++) {
        if (cuts.has(index)) {
          for (const { key, value } of correlator.changes()) {
            if (value) state.set(key, value)
            else state.delete(key)
          }
          addCounts()
          correlator = fresh()
          for (const [key, value] of state) correlator.restore(key, value)
        }
        const event = events[index]
        if (!event) break
        work(correlator, event)
        if ('message' in event) join.advance(event.at)
      }
      correlator.finish()
      addCounts()
      join.settle()
      expect(sorted(records, counts, legs)).toEqual(foldFile(messages, everybody))
    })
  })

  it('does not depend on when the clock is moved', () => {
    check([traffic(), seed], (messages, start) => {
      const next = numbers(start)
      const records: CallsRecord[] = []
      const correlator = new Correlator({ parties: everybody, emit: record => records.push(record) })
      let at = messages[0]!.capturedAt
      for (const event of eventsOf(messages).events) {
        // Media moves no clock: behind the last message it stands.
        const gap = 'message' in event ? Math.max(0, event.at - at) : 0
        for (let step = next(4); step > 0; step--) correlator.advance(plus(at, micros(Math.floor(gap / step))))
        work(correlator, event)
        if ('message' in event) at = event.at
      }
      correlator.finish()
      expect(sorted(records, correlator.counts)).toEqual({ ...foldFile(messages, everybody), legs: undefined })
    })
  })

  it('forgets a call after its time, and what stood open is told to have ended', () => {
    check([traffic()], messages => {
      const correlator = new Correlator({ parties: everybody, keepsChanges: true, emit: () => {} })
      const open = new Map<string, number>()
      const tell = (): void => {
        for (const { was, is } of correlator.standings()) {
          if (was) open.set(JSON.stringify(was), (open.get(JSON.stringify(was)) ?? 0) - 1)
          if (is) open.set(JSON.stringify(is), (open.get(JSON.stringify(is)) ?? 0) + 1)
        }
      }
      for (const event of eventsOf(messages).events) {
        work(correlator, event)
        tell()
      }
      // Calls without BYE are followed for a day.
      correlator.advance(plus(long(messages), seconds(26 * 3600)))
      tell()
      expect([...open.values()].filter(count => count !== 0)).toEqual([])
      expect(correlator.size).toBe(0)
    })
  })
})

const inArrival = (messages: readonly Captured[]): Captured[] =>
  messages.toSorted((a, b) => a.capturedAt - b.capturedAt)

describe('hostile bytes', () => {
  const mangled = (payload: Buffer, next: (below: number) => number): Buffer => {
    const bytes = Buffer.from(payload)
    for (let changes = 1 + next(6); changes > 0; changes--) bytes[next(bytes.length)] = next(256)
    const cut = next(bytes.length + 1)
    return next(3) === 0
      ? Buffer.concat([bytes.subarray(cut), bytes.subarray(0, cut)])
      : bytes.subarray(0, next(2) ? cut : bytes.length)
  }

  it('never throw, and each message is counted', () => {
    check([traffic(), seed], (messages, start) => {
      const next = numbers(start)
      const hostile = messages.map(message =>
        next(2) ? { ...message, payload: mangled(message.payload, next) } : message
      )
      const observed = messagesOf(hostile)
      expect(foldFile(hostile, everybody).counts.sip).toBe(observed.length)
      expect(foldLive(jittered(hostile, 9_000_000, next), everybody, newestOf(hostile)).counts.sip).toBe(
        observed.length
      )
    })
  })

  it('are nothing where they are no SIP', () => {
    check([fc.uint8Array({ maxLength: 200 }), traffic()], (bytes, messages) => {
      const noise = messages.map(message => ({ ...message, payload: Buffer.concat([Buffer.from([0xff]), bytes]) }))
      expect(foldFile([...messages, ...noise], everybody)).toEqual(foldFile(messages, everybody))
    })
  })
})

describe('the ways to write a message (TX-11)', () => {
  const rewritten = (payload: Buffer, next: (below: number) => number): Buffer => {
    const text = payload.toString('latin1')
    const end = text.indexOf('\r\n\r\n') + 2
    const [startLine, ...headers] = text.slice(0, end).trimEnd().split('\r\n')
    const compact: Readonly<Record<string, string>> = {
      'Call-ID': 'i',
      From: 'f',
      To: 't',
      Via: 'v',
      'Content-Type': 'c'
    }
    const lines = headers.map(line => {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line)!
      const cased = [name, name.toUpperCase(), name.toLowerCase(), compact[name] ?? name][next(4)]!
      return `${cased}${[':', ' :', ': ', ':\r\n  '][next(4)]!}${value}`
    })
    const lineEnd = next(2) ? '\n' : '\r\n'
    const head = [startLine, ...lines].join('\r\n').replaceAll('\r\n', lineEnd)
    return Buffer.from(`${next(2) ? '\r\n\r\n' : ''}${head}${lineEnd}${lineEnd}${text.slice(end + 2)}`, 'latin1')
  }

  it('give the same records', () => {
    // Identical bytes are what tells a packet seen twice; they are not identical here.
    check([traffic(ladderNames.filter(name => !name.includes('same-bytes'))), seed], (messages, start) => {
      const next = numbers(start)
      const others = messages.map(message =>
        message.media ? message : { ...message, payload: rewritten(message.payload, next) }
      )
      expect(figures(foldFile(others, everybody))).toEqual(figures(foldFile(messages, everybody)))
    })
  })
})

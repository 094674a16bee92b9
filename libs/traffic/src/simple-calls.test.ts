import { describe, expect, it } from '@jest/globals'
import { readSip, type SipMessage } from '@earshot/sip'
import { epochMicros, type Captured } from '@earshot/units'
import { openAttempts, simpleCalls } from './index.ts'

const start = epochMicros(1_767_225_600_000_000)

function parse({ payload }: Captured): SipMessage {
  const { messages, rest } = readSip(payload)
  expect([messages.length, rest, messages[0]?.problem]).toEqual([1, undefined, undefined])
  expect(messages[0]!.header('Content-Length')).toBe(String(messages[0]!.body.length))
  return messages[0]!
}

const ladderOf = (messages: readonly SipMessage[]): string =>
  messages.map(sip => sip.method + (sip.status || '') + (sip.description ? '+S' : '')).join(' ')

describe('simple calls', () => {
  const captured = [...simpleCalls({ count: 300, start, callsPerSecond: 100, talkSeconds: 2 })]

  it('are so many ladders of seven messages, in the order of time', () => {
    const calls = Map.groupBy(captured.map(parse), sip => sip.callId)
    expect(calls.size).toBe(300)
    for (const messages of calls.values()) expect(ladderOf(messages)).toBe('INVITE+S 100 183+S 200+S ACK BYE 200')
    expect(captured.every(({ capturedAt }, index) => !index || capturedAt >= captured[index - 1]!.capturedAt)).toBe(
      true
    )
  })

  it('differ in branch and tags, and agree in them within a call', () => {
    const messages = captured.map(parse)
    expect(new Set(messages.map(sip => sip.branch)).size).toBe(3 * 300)
    expect(new Set(messages.map(sip => sip.fromTag)).size).toBe(300)
    expect(new Set(messages.map(sip => sip.toTag)).size).toBe(301)
  })

  it('begin at the rate that is asked for', () => {
    const invites = captured.filter(message => parse(message).method === 'INVITE')
    expect(invites.at(-1)!.capturedAt - start).toBe(2_990_000)
  })
})

describe('open attempts', () => {
  it('are INVITE, 100 and 183 with SDP, and never end', () => {
    const calls = Map.groupBy([...openAttempts(50, start)].map(parse), sip => sip.callId)
    expect(calls.size).toBe(50)
    for (const messages of calls.values()) expect(ladderOf(messages)).toBe('INVITE+S 100 183+S')
  })
})

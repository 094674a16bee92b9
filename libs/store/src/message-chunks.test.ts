import { expect, it } from '@jest/globals'
import { plus, seconds } from '@earshot/units'
import { noon } from './batches.fixture.ts'
import { chunksOf, messagesIn } from './message-chunks.ts'
import { mostOfCall, type RawMessage } from './store.ts'

it('of a call with very many messages only the first chunks are read', () => {
  const messages = Array.from({ length: 5 * mostOfCall.messages }, (_, index): RawMessage => ({
    callId: 'a',
    capturedAt: plus(noon, seconds(index)),
    agent: '7',
    transport: 'udp',
    source: { address: '203.0.113.7', port: 5060 },
    destination: { address: '10.0.0.1', port: 5060 },
    payload: Buffer.from('INVITE')
  }))
  let read = 0
  function* chunks(): Iterable<Uint8Array> {
    for (let from = 0; from < messages.length; from += 500) {
      read++
      yield chunksOf(messages.slice(from, from + 500))[0]!.data
    }
  }
  expect(messagesIn('a', chunks())).toEqual(messages.slice(0, mostOfCall.messages))
  expect(read).toBe((2 * mostOfCall.messages) / 500)
})

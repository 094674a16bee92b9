import { describe, expect, it } from '@jest/globals'
import { MediaIndex } from './media-index.ts'

const indexOf = (...named: readonly (readonly [endpoint: string, callId: string])[]): MediaIndex => {
  const index = new MediaIndex()
  for (const [endpoint, callId] of named) index.add(endpoint, callId)
  return index
}

describe('the calls that name an endpoint', () => {
  it('are found in their order, each once', () => {
    const index = indexOf(['x 1', 'one'], ['x 1', 'two'], ['x 1', 'one'], ['y 1', 'one'], ['y 1', 'one'])
    expect(['x 1', 'y 1', 'z 1'].map(endpoint => index.find(endpoint))).toEqual([['one', 'two'], ['one'], []])
  })

  it('are not found when they are not kept any more, and the others are', () => {
    const index = indexOf(['x 1', 'one'], ['y 1', 'one'], ['x 1', 'two'])
    index.delete('one')
    index.delete('nobody')
    expect(['x 1', 'y 1'].map(endpoint => index.find(endpoint))).toEqual([['two'], []])
    index.add('y 1', 'one')
    expect(index.find('y 1')).toEqual(['one'])
    index.delete('two')
    expect(index.find('x 1')).toEqual([])
  })

  it('are the last eight', () => {
    const calls = Array.from({ length: 10 }, (_, number) => `call ${number}`)
    const index = indexOf(...calls.map(callId => ['x 1', callId] as const))
    expect(index.find('x 1')).toEqual(calls.slice(2))
    index.delete('call 0')
    expect(index.find('x 1')).toEqual(calls.slice(2))
  })
})

import { describe, expect, it } from '@jest/globals'
import type { Peer } from './api.ts'
import { methodRows } from './method-rows.ts'

const peer = (name: string, capabilities: Readonly<Record<string, string>>, change: object = {}): Peer =>
  ({ peer: name, direction: 'outbound', capabilities, ...change }) as Peer

describe('the rows of the method matrix', () => {
  it('are peers, each once, with the methods that any of them showed', () => {
    const { methods, rows } = methodRows([
      peer('far', { UPDATE: 'supported', FOO: 'rejected' }),
      peer('far', { UPDATE: 'supported', FOO: 'rejected' }, { direction: 'inbound' }),
      peer('near', { INVITE: 'supported' }),
      peer('silent', {}),
      peer('sbc', { INFO: 'rejected' }, { ours: true })
    ])
    expect(methods).toEqual(['INVITE', 'UPDATE', 'FOO'])
    expect(rows.map(row => row.peer)).toEqual(['far', 'near'])
    expect(rows[0]!.capabilities.get('FOO')).toBe('rejected')
  })
})

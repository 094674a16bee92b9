import { expect, it } from '@jest/globals'
import { agentFault } from './agent-fault.ts'

const now = new Date('2026-11-22T12:00:00Z')

it.each([
  { name: 'an agent seen just now', lastSeen: '2026-11-22T11:59:59Z', offset: 0.2, fault: undefined },
  { name: 'an agent ahead of the watermark', lastSeen: '2026-11-22T12:00:03Z', offset: 0, fault: undefined },
  { name: 'a silent agent', lastSeen: '2026-11-22T11:45:00Z', offset: 0, fault: 'silent for 15m 00s' },
  { name: 'a slow clock', lastSeen: '2026-11-22T12:00:00Z', offset: -2.5, fault: 'its clock is wrong' }
])('$name', ({ lastSeen, offset, fault }) => {
  expect(agentFault({ agent: 'sbc', packets: 1, lastSeen, clockOffsetSeconds: offset }, now)).toBe(fault)
})

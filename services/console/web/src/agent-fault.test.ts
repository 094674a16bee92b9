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

const noon = '2026-11-22T12:00:00Z'
it.each([
  {
    name: 'an agent with a wrong key',
    lastSeen: null,
    drops: { unauthorized: 9 },
    fault: 'refused: its key is wrong or missing'
  },
  { name: 'an agent from a wrong place', lastSeen: null, drops: { 'not-allowed': 9 }, fault: 'everything refused' },
  {
    name: 'an agent whose name another uses',
    lastSeen: noon,
    drops: { unauthorized: 1 },
    fault: 'some packets without the right key'
  },
  { name: 'an agent above its limit', lastSeen: noon, drops: { 'rate-limited': 1 }, fault: 'sends more than it may' },
  { name: 'an agent that sends RTCP too', lastSeen: noon, drops: { 'not-sip': 1 }, fault: undefined }
])('$name', ({ lastSeen, drops, fault }) => {
  expect(agentFault({ agent: 'sbc', packets: 1, lastSeen, clockOffsetSeconds: 0, drops }, now)).toBe(fault)
})

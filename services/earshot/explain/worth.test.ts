import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { AttemptRecord, DiagnosisCode } from '@earshot/calls'
import { attemptRecord } from '../../../libs/calls/src/attempt-record.fixture.ts'
import { NearestCallIds } from './nearest.ts'
import { WorthALook } from './worth.ts'

const attempt = (callId: string, change: Partial<AttemptRecord> = {}): AttemptRecord =>
  attemptRecord({ id: callId, callId, outcome: 'no_answer', earlyMediaSeconds: 1, ...change })

const diagnosed = (...codes: DiagnosisCode[]): Partial<AttemptRecord> => ({ diagnosis: { codes, text: '' } })

const chosen = (records: readonly AttemptRecord[]): string[] => {
  const worth = new WorthALook()
  for (const record of records) worth.add(record)
  return worth.calls([]).map(({ record }) => record.callId)
}

describe('calls worth a look', () => {
  const inOrder = [
    attempt('cannot play', { class: 'unusable', ...diagnosed('codec_mismatch') }),
    attempt('cannot play, answered', { class: 'unusable', outcome: 'answered', ...diagnosed('codec_mismatch') }),
    attempt('unreliable', diagnosed('prack_rejected')),
    attempt('hidden cause', diagnosed('announced_cause')),
    attempt('doubtful', diagnosed('no_ringing_no_media_evidence')),
    attempt('unanswered', { earlyMediaSeconds: 9 }),
    attempt('shorter')
  ]

  it('come most telling first, in whatever order they ended', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(inOrder, { minLength: inOrder.length }), records => {
        expect(chosen(records)).toEqual(inOrder.map(({ callId }) => callId))
      })
    )
  })

  it.each([
    { name: 'was answered', change: { outcome: 'answered' } },
    { name: 'goes on', change: { outcome: 'open' } },
    { name: 'was answered elsewhere', change: { outcome: 'cancelled', cancel: 'elsewhere' } },
    { name: 'only rang', change: { class: 'ringing' } }
  ] as const)('are none where early media $name', ({ change }) => {
    expect(chosen([attempt('x', change)])).toEqual([])
  })

  it('are ten at most, each by its most telling attempt', () => {
    const many = Array.from({ length: 30 }, (_, number) =>
      attempt(`call ${number % 15}`, { earlyMediaSeconds: number })
    )
    expect(chosen(many)).toEqual(Array.from({ length: 10 }, (_, number) => `call ${14 - number}`))
  })
})

describe('the nearest Call-IDs', () => {
  it.each([
    { wanted: 'a84b4c76e66710', near: ['a84b4c76e66710@pc33'] },
    { wanted: 'a84b4c76e66711@pc33', near: ['a84b4c76e66710@pc33'] },
    { wanted: 'b99999999', near: [] }
  ])('of $wanted are $near', ({ wanted, near }) => {
    const nearest = new NearestCallIds(wanted)
    for (const callId of ['f00@pc34', 'a84b4c76e66710@pc33', 'a84b4c76e66710@pc33', 'zzz']) nearest.add(callId)
    expect(nearest.callIds).toEqual(near)
  })
})

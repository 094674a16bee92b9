import { describe, expect, it } from '@jest/globals'
import type { AttemptRecord, DiagnosisCode, RejectionRecord, StandingChange } from '@earshot/calls'
import { epochMicros } from '@earshot/units'
import { Figures } from './figures.ts'
import { addSums, noSums, type Sums } from './sums.ts'

type Standing = NonNullable<StandingChange['is']>

const standing = (change: Partial<Standing> = {}): Standing => ({
  peer: 'far',
  direction: 'outbound',
  class: 'early_media',
  outcome: 'open',
  status: 0,
  firstCode: 183,
  alerted: false,
  earlyMediaSeconds: 0.1,
  responses183: { withSdp: 1, withoutSdp: 0 },
  ...change
})

const rejection = (method: string): RejectionRecord => ({
  kind: 'rejection',
  id: 'r',
  at: epochMicros(0),
  callId: 'c',
  peer: 'far',
  direction: 'outbound',
  requester: '',
  responder: 'far',
  method,
  code: 501,
  vias: 1,
  origin: true,
  registry: ''
})

describe('figures that follow attempts', () => {
  it('know them as they stand', () => {
    const figures = new Figures()
    const [rings, talks] = [standing({ class: 'ringing', earlyMediaSeconds: 0 }), standing({ earlyMediaSeconds: 0.3 })]
    figures.follow({ is: rings })
    figures.follow({ was: rings, is: standing() })
    figures.follow({ was: standing(), is: talks })
    expect(figures.rows()).toMatchObject([
      { peer: 'far', attempts: 1, classes: { early_media: 1 }, earlyMedia: { seconds: 0.3 } }
    ])
    expect([...figures.sums()].map(({ attempts }) => attempts)).toEqual([{ early_media: { open: 1 } }])
  })

  it('forget a peer without any', () => {
    const figures = new Figures()
    for (const peer of ['near', 'far']) figures.follow({ is: standing({ peer }) })
    figures.follow({ was: standing() })
    expect([...figures.peers()]).toEqual(['near'])
  })

  it('say that its state is gone', () => {
    const figures = new Figures({ keepsChanges: true })
    figures.follow({ is: standing() })
    expect(figures.changes()).toEqual([{ key: 'sums outbound far', value: expect.any(Buffer) }])
    figures.follow({ was: standing() })
    expect(figures.changes()).toEqual([{ key: 'sums outbound far', value: undefined }])
    expect(figures.changes()).toEqual([])
  })

  it('keep a peer of which rejections are known', () => {
    const figures = new Figures()
    figures.add(rejection('INFO'))
    figures.follow({ is: standing() })
    figures.follow({ was: standing() })
    expect(figures.rows()).toMatchObject([{ peer: 'far', attempts: 0, classes: {}, rejections: [{ method: 'INFO' }] }])
  })
})

describe('figures', () => {
  it('are restored from their changes', () => {
    const [figures, restored] = [new Figures({ keepsChanges: true }), new Figures()]
    figures.add(rejection('INFO'))
    figures.add({ kind: 'attempt', ...standing() } as AttemptRecord)
    figures.add({ kind: 'allow', at: epochMicros(0), peer: 'pinged', source: 'options', methods: ['INVITE'] })
    for (const { key, value } of figures.changes()) restored.restore(key, value!)
    expect(restored.rows()).toEqual(figures.rows())
    expect([...restored.peers()]).toEqual(['pinged', 'far'])
  })

  it('sum the peers of a group, and a call that hunts over them once', () => {
    const figures = new Figures()
    const end = { outcome: 'busy', status: 486, class: 'none', earlyMediaSeconds: 0 } as const
    figures.follow({ is: standing({ peer: 'near', ...end }) })
    figures.follow({ is: standing({ peer: 'far', ...end, outcome: 'answered', status: 200, repeats: ['group'] }) })
    figures.follow({ is: standing({ peer: 'alone', ...end }) })
    figures.add({ kind: 'allow', at: epochMicros(0), peer: 'near', source: 'options', methods: ['INVITE'] })
    expect(figures.groups(peer => (peer === 'alone' ? undefined : 'carriers'))).toMatchObject([
      {
        group: 'carriers',
        direction: 'outbound',
        attempts: 2,
        outcomes: { answered: 1, busy: 1 },
        allow: ['INVITE'],
        figures: { judged: 2, asr: 1 / 2, calls: { judged: 1, answered: 1, asr: 1 } }
      }
    ])
  })

  it('read what version 1 wrote: its attempts are in the counts, and in no ratio', () => {
    const figures = new Figures()
    const sums = { attempts: { none: { busy: 3 } }, earlyMediaMicros: 0, withSdp: 0, withoutSdp: 0, rejections: {} }
    const written = Buffer.from(JSON.stringify({ v: 1, peer: 'far', direction: 'outbound', ...sums }))
    figures.restore('sums outbound far', written)
    expect(figures.rows()).toMatchObject([{ attempts: 3, figures: { judged: 0, asr: null } }])
    expect(() => new Figures().restore('sums outbound far', Buffer.from('{"v":99}'))).toThrow('99')
  })

  it('sum rejections of more than 100 methods, and of long ones, as OTHER', () => {
    const figures = new Figures()
    figures.add(rejection('X'.repeat(65)))
    for (let index = 0; index < 150; index++) figures.add(rejection(`M${index}`))
    const { rejections } = figures.rows()[0]!
    expect(rejections.length).toBe(100)
    expect(rejections.find(({ method }) => method === 'OTHER')).toEqual({
      method: 'OTHER',
      code: 501,
      transactions: 52
    })
  })
})

describe('diagnoses of a peer', () => {
  const ended = (change: Partial<AttemptRecord>): AttemptRecord =>
    ({ kind: 'attempt', ...standing(), ...change }) as AttemptRecord
  const diagnosed = (...codes: DiagnosisCode[]): AttemptRecord => ended({ diagnosis: { codes, text: '' } })
  const rowOf = (attempts: readonly AttemptRecord[]) => {
    const figures = new Figures()
    for (const attempt of attempts) figures.add(attempt)
    return figures.rows()[0]!
  }
  const times = (count: number, attempt: AttemptRecord): AttemptRecord[] => Array<AttemptRecord>(count).fill(attempt)

  it('are attempts by code, most first', () => {
    const attempts = [
      diagnosed('port_zero'),
      diagnosed('codec_mismatch', 'prack_rejected'),
      diagnosed('prack_rejected')
    ]
    expect(rowOf(attempts).diagnoses).toEqual([
      { code: 'prack_rejected', attempts: 2 },
      { code: 'codec_mismatch', attempts: 1 },
      { code: 'port_zero', attempts: 1 }
    ])
    expect(rowOf([ended({})]).diagnoses).toEqual([])
  })

  const without = ended({ class: 'progress', responses183: { withSdp: 0, withoutSdp: 1 } })
  const missing = [{ code: 'sdp_missing_in_183', attempts: 5 }]

  it.each([
    { name: '20 of 25 183s have one', described: 20, undescribed: 5, found: missing },
    { name: 'only 19 have one', described: 19, undescribed: 4, found: [] },
    { name: 'less than four of five have one', described: 23, undescribed: 6, found: [] },
    { name: 'all have one', described: 30, undescribed: 0, found: [] }
  ])('miss a description in a 183 or not where $name', ({ described, undescribed, found }) => {
    expect(rowOf([...times(described, ended({})), ...times(undescribed, without)]).diagnoses).toEqual(found)
  })

  it('miss none in a 183 that another one with a description followed', () => {
    const both = ended({ responses183: { withSdp: 1, withoutSdp: 1 } })
    expect(rowOf([...times(40, ended({})), both]).diagnoses).toEqual([])
  })

  it('say how often a final followed its cause', () => {
    const mapped = (followed: boolean): AttemptRecord => ended({ causeMapping: { status: 503, followed } })
    expect(rowOf([mapped(true), mapped(false), mapped(true), ended({})]).causeMapping).toEqual({
      followed: 2,
      notFollowed: 1
    })
  })

  it('add up over places, and are restored', () => {
    const attempts = [
      ...times(20, diagnosed('port_zero')),
      without,
      ended({ causeMapping: { status: 503, followed: false } })
    ]
    const [one, other] = [new Figures({ keepsChanges: true }), new Figures()]
    for (const [index, attempt] of attempts.entries()) (index % 2 === 0 ? one : other).add(attempt)
    const restored = new Figures()
    for (const { key, value } of one.changes()) restored.restore(key, value)
    expect(Figures.together([restored, other]).rows()).toEqual([rowOf(attempts)])
  })

  it('leave the text of a peer without any as it was', () => {
    const sums: Sums = noSums('far', 'outbound')
    addSums(sums, noSums('far', 'outbound'))
    expect(Object.keys(sums)).not.toEqual(expect.arrayContaining(['diagnoses', 'causeMapping', 'undescribed']))
  })

  it('of an attempt that stood without description are gone when it has one', () => {
    const figures = new Figures()
    const [was, is] = [standing({ class: 'progress', responses183: { withSdp: 0, withoutSdp: 1 } }), standing()]
    figures.follow({ is: was })
    figures.follow({ was, is })
    expect([...figures.sums()][0]).not.toHaveProperty('undescribed')
  })
})

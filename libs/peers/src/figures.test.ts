import { describe, expect, it } from '@jest/globals'
import type { AttemptRecord, RejectionRecord, StandingChange } from '@earshot/calls'
import { epochMicros } from '@earshot/units'
import { Figures } from './figures.ts'

type Standing = NonNullable<StandingChange['is']>

const standing = (change: Partial<Standing> = {}): Standing => ({
  peer: 'far',
  direction: 'outbound',
  class: 'early_media',
  outcome: 'open',
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

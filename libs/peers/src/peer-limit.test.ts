import { beforeAll, describe, expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import { methodLabels, MethodWatch, PeerNames, type Alert } from './index.ts'

const LIMIT = 5_000
const BEYOND = 500
const start = 1_767_225_600

/** Every peer answers every method, those beyond the limit too; then all of these reject one. */
describe(`the matrix of ${LIMIT} peers and ${BEYOND} more`, () => {
  const names = new PeerNames(LIMIT)
  const watch = new MethodWatch()
  const keys = new Set<string>()
  let alerts: Alert[]

  beforeAll(() => {
    const observe = (peer: number, method: string, code: number, second: number, count: number): void => {
      const name = names.nameOf(`198.51.${peer >> 8}.${peer & 255}`)
      watch.observe({ kind: 'method', second, peer: name, agent: 'sbc/1', method, code, count, callId: `${peer}@a` })
    }
    for (let peer = 0; peer < LIMIT + BEYOND; peer++) {
      for (const method of methodLabels) observe(peer, method, 200, start, 30)
    }
    for (let peer = LIMIT; peer < LIMIT + BEYOND; peer++) observe(peer, 'UPDATE', 501, start + 60, 10)
    observe(0, 'UPDATE', 501, start + 60, 10)
    watch.advance(epochMicros((start + 120) * 1e6))
    alerts = watch.alerts()
    for (const { key, value } of watch.changes()) if (value) keys.add(key)
  })

  it('has a row for each of them and one for the others', () => {
    expect(watch.peers().size).toBe(LIMIT + 1)
    expect(watch.capabilities('other')).toHaveLength(methodLabels.length)
    const [first] = watch.capabilities('198.51.0.1')
    expect(first).toMatchObject({ state: 'supported', ok: { 200: 30 } })
  })

  it('has as many cells as peers and methods, and no more states than that', () => {
    const cells = [...keys].filter(key => key.startsWith('cell '))
    expect(cells).toHaveLength((LIMIT + 1) * methodLabels.length)
  })

  it('tells of a peer, and nothing of the others, which are many', () => {
    expect(alerts).toMatchObject([{ kind: 'method_regression', peer: '198.51.0.0', method: 'UPDATE' }])
  })
})

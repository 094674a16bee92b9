import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { foldFile } from './fold.fixture.ts'
import type { AttemptRecord, Outcome } from './index.ts'

/** The one attempt of a ladder. */
function attempt(text: string): AttemptRecord {
  const { attempts } = foldFile(ladder(text))
  expect(attempts.length).toBe(1)
  return attempts[0]!
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** The rows of the contract that name statuses (semantics.md §3). */
const named: Readonly<Partial<Record<Outcome, readonly number[]>>> = {
  answered: range(200, 299),
  redirected: range(300, 399),
  busy: [486, 600],
  cancelled: [487],
  not_found: [404, 410, 484, 485, 604],
  incompatible: [405, 406, 415, 416, 420, 421, 422, 488, 501, 505, 513, 580, 606],
  declined: [603, 607, 608, 433],
  congestion: [503],
  timeout: [504],
  server_error: [482, 483]
}

const rows = Object.entries(named).flatMap(([outcome, statuses]) => statuses.map(status => [status, outcome] as const))
const table = new Map<number, string>(rows)
for (const status of range(400, 699)) {
  if (!table.has(status)) table.set(status, status >= 500 && status < 600 ? 'server_error' : 'rejected')
}

describe('the outcome of an attempt', () => {
  it('is that of the table for every final status, with and without an 18x', () => {
    for (const [status, outcome] of table) {
      const [plain, progressed] = [
        attempt(`0 a>b INVITE\n900 b>a ${status} tt=x`),
        attempt(`0 a>b INVITE\n500 b>a 183 tt=x\n900 b>a ${status} tt=x`)
      ]
      const differs = status === 480 || status === 408
      const silent = status === 480 ? 'unavailable' : 'timeout'
      expect([status, plain.status, plain.outcome]).toEqual([status, status, differs ? silent : outcome])
      expect([status, progressed.outcome]).toEqual([status, differs ? 'no_answer' : outcome])
      expect(plain.flags).toEqual(status === 482 || status === 483 ? ['loop'] : [])
      expect(plain.cancel).toBe(status === 487 ? 'unseen' : undefined)
    }
  })

  it.each([
    ['180', 'no_answer'],
    ['181', 'no_answer'],
    ['150', 'no_answer'],
    ['100', 'unavailable'],
    ['199 tt=x', 'unavailable']
  ])('of a 480 behind %s is %s', (provisional, outcome) => {
    expect(attempt(`0 a>b INVITE\n500 b>a ${provisional}\n900 b>a 480 tt=x`).outcome).toBe(outcome)
  })

  it.each([
    [[486, 603], 603],
    [[600, 486], 600],
    [[603, 600], 600],
    [[487, 404], 404],
    [[404, 487], 404],
    [[482, 487], 487],
    [[487, 482], 487],
    [[482, 503], 503],
    [[401, 486], 486],
    [[486, 401], 401]
  ])('of the forks %p comes from %i', ([first, second], status) => {
    const text = `0 a>b INVITE b1\n1 a>b INVITE b2\n900 b>a ${first} b1 tt=x\n901 b>a ${second} b2 tt=y`
    expect(attempt(text).status).toBe(status)
    const swapped = `0 a>b INVITE b1\n1 a>b INVITE b2\n901 b>a ${first} b1 tt=x\n900 b>a ${second} b2 tt=y`
    expect(attempt(swapped).status).toBe(status)
  })

  // What decides must not be lost to the bound on what is kept of a transaction.
  it('of a callee that says more than is kept is still that of its final', () => {
    const many = range(1, 200).map(index => `${index * 10} b>a 183 tt=x${index}`)
    expect(attempt(['0 a>b INVITE', ...many, '5s b>a 486 tt=x1'].join('\n')).outcome).toBe('busy')
  })
})

describe('the causes of an attempt (EM-9)', () => {
  const reason = (cause: number | undefined): string => (cause === undefined ? '' : `   Reason: Q.850;cause=${cause}`)

  it.each([
    [undefined, undefined, undefined],
    [undefined, 17, 17],
    [undefined, 31, 31],
    [34, undefined, 34],
    [34, 31, 34],
    [34, 127, 34],
    [34, 17, 17],
    [31, undefined, 31],
    [31, 127, 127],
    [127, 31, 31],
    [31, 17, 17]
  ])('early %p and final %p make effective %p', (early, final, effective) => {
    const text = `0 a>b INVITE\n100 b>a 183 tt=x${reason(early)}\n900 b>a 480 tt=x${reason(final)}`
    const { earlyCause, finalCause, effectiveCause } = attempt(text)
    expect([earlyCause, finalCause, effectiveCause]).toEqual([early, final, effective])
  })
})

describe('a method rejection (MC-1 to MC-4)', () => {
  it('is a 501 or a 405 and no other status, of every method but ACK and CANCEL', () => {
    for (const status of range(200, 699)) {
      const { rejections } = foldFile(ladder(`0 a>b UPDATE tt=x\n10 b>a ${status} UPDATE`))
      expect([status, rejections.map(({ code }) => code)]).toEqual([
        status,
        [501, 405].includes(status) ? [status] : []
      ])
    }
    const methods = ['BYE', 'PRACK', 'INFO', 'REFER', 'PUBLISH', 'NOTIFY', 'MESSAGE', 'REGISTER', 'BREW']
    for (const method of methods) {
      const { rejections } = foldFile(ladder(`0 a>b ${method} tt=x\nRAck: 1 1 INVITE\n10 b>a 405 ${method}`))
      expect(rejections.map(rejection => rejection.method)).toEqual([method])
    }
  })

  it.each([29, 58, 63, 65, 69, 79])('of an INVITE is one of the telephone network with cause %i', cause => {
    const { rejections } = foldFile(ladder(`0 a>b INVITE\n10 b>a 501 tt=x${`   Reason: Q.850;cause=${cause}`}`))
    expect(rejections).toMatchObject([{ method: 'INVITE', code: 501, pstnCause: cause }])
  })

  it('is given out while its attempt goes on (TX-8)', () => {
    const messages = ladder(
      '0 a>b INVITE\n10 b>a 501 tt=x\n3s a>b INVITE\n3010 b>a 180 tt=y\n9s a>c OPTIONS call=clock'
    )
    const { attempts, rejections } = foldFile(messages)
    expect([attempts[0]!.outcome, rejections.length]).toEqual(['open', 1])
  })
})

import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { Correlator, messagesOf, type AllowRecord, type CallsRecord } from './index.ts'

const beginning = (text: string): string => `0 a>b INVITE\n${text}`

/** Of a call for each, one after the other. */
const each = (allows: readonly string[]): string =>
  allows
    .map((allow, at) => `${at}s a>b INVITE call=${at + 1}\n${at}900 b>a 183 call=${at + 1}   Allow: ${allow}`)
    .join('\n')

function telling(records: AllowRecord[]): Correlator {
  const emit = (record: CallsRecord): void => void (record.kind === 'allow' && records.push(record))
  return new Correlator({ emit, keepsChanges: true })
}

/** What is told of the methods that b and others allow: `peer source methods`. */
function told(text: string, correlator?: Correlator): string[] {
  const records: AllowRecord[] = []
  const into = correlator ?? telling(records)
  for (const observed of messagesOf(ladder(text))) into.process(observed)
  return records.map(({ peer, source, methods }) => `${peer} ${source} ${methods.join(' ')}`)
}

const b = '203.0.113.7'

describe('an Allow (MC-7)', () => {
  it.each([
    { of: 'a 183', text: beginning('9 b>a 183   Allow: INVITE, ACK'), source: 'provisional' },
    { of: 'a 180', text: beginning('9 b>a 180   Allow: INVITE, ACK'), source: 'provisional' },
    { of: 'a 200', text: beginning('9 b>a 200   Allow: INVITE, ACK'), source: 'answer' },
    { of: 'a 299', text: beginning('9 b>a 299   Allow: INVITE, ACK'), source: 'answer' },
    { of: 'a 405', text: beginning('9 b>a 405   Allow: INVITE, ACK'), source: '405' },
    { of: 'a 501', text: beginning('9 b>a 501   Allow: INVITE, ACK'), source: '501' },
    { of: 'a 405 to INFO', text: '0 a>b INFO\n9 b>a 405 INFO   Allow: INVITE, ACK', source: '405' },
    { of: 'a 200 to OPTIONS', text: '0 a>b OPTIONS\n9 b>a 200 OPTIONS   Allow: INVITE, ACK', source: 'options' }
  ])('of $of is told as of $source', ({ text, source }) => {
    expect(told(text)).toEqual([`${b} ${source} INVITE ACK`])
  })

  it.each([
    { of: 'a 100', text: beginning('9 b>a 100   Allow: INVITE') },
    { of: 'a 300', text: beginning('9 b>a 300   Allow: INVITE') },
    { of: 'a 486', text: beginning('9 b>a 486   Allow: INVITE') },
    { of: 'a 404 to OPTIONS', text: '0 a>b OPTIONS\n9 b>a 404 OPTIONS   Allow: INVITE' },
    { of: 'a 200 to INFO', text: '0 a>b INFO\n9 b>a 200 INFO   Allow: INVITE' },
    { of: 'a 183 to INFO', text: '0 a>b INFO\n9 b>a 183 INFO   Allow: INVITE' },
    { of: 'a request', text: '0 a>b INVITE   Allow: INVITE' }
  ])('of $of tells nothing', ({ text }) => {
    expect(told(text)).toEqual([])
  })

  it('that is empty is told: nothing is allowed', () => {
    expect(told(beginning('9 b>a 183\nAllow:'))).toEqual([`${b} provisional `])
  })

  it('is told again when it changes, not when only its spelling does', () => {
    const allows = ['INVITE, ACK', 'INVITE,ACK', 'INVITE, ACK', 'INVITE, ACK', 'INVITE, ACK, PRACK', 'INVITE, ACK']
    expect(told(each(allows))).toEqual([
      `${b} provisional INVITE ACK`,
      `${b} provisional INVITE ACK PRACK`,
      `${b} provisional INVITE ACK`
    ])
  })

  it('is another for another source, and for another peer', () => {
    const text = `0 a>b INVITE b1
      1 a>c INVITE b2
      9 b>a 183 b1   Allow: INVITE, ACK
      10 b>a 200 b1   Allow: INVITE, ACK
      11 c>a 183 b2   Allow: INVITE, ACK`
    expect(told(text)).toEqual([
      `${b} provisional INVITE ACK`,
      `${b} answer INVITE ACK`,
      '203.0.113.8 provisional INVITE ACK'
    ])
  })

  it('of a hostile length is bounded, and still told when it changes', () => {
    const many = (from: number): string => Array.from({ length: 200 }, (_, index) => `M${from + index}`).join(', ')
    const records: AllowRecord[] = []
    told(beginning(`9 b>a 183   Allow: ${many(0)}\n20 b>a 183   Allow: ${many(0)}\n`), telling(records))
    expect(records.map(({ methods }) => methods.length)).toEqual([64])
    told(beginning(`9 b>a 183   Allow: ${'X'.repeat(5000)}`), telling(records))
    expect(records[1]!.methods[0]!.length).toBeLessThan(100)
    expect(told(each(['INVITE', many(0), many(0), 'INVITE']))).toHaveLength(3)
  })

  it('that was told is not told again after a restart', () => {
    const records: AllowRecord[] = []
    const before = telling(records)
    told(beginning('9 b>a 183   Allow: INVITE, ACK\n20 b>a 200\nAllow:'), before)
    const changes = before.changes().filter(({ key }) => key.startsWith('allow '))
    expect(changes.map(({ key, value }) => `${key}: ${String(value)}`)).toEqual([
      `allow provisional ${b}: 1 INVITE,ACK`,
      `allow answer ${b}: 1 `
    ])
    expect(before.changes().filter(({ key }) => key.startsWith('allow '))).toEqual([])
    const after = telling(records)
    for (const { key, value } of changes) after.restore(key, value!)
    told(
      beginning(
        '9 b>a 183   Allow: INVITE, ACK\n20 b>a 200\nAllow:\n30 a>b OPTIONS call=2\n40 b>a 405 OPTIONS call=2   Allow: INVITE'
      ),
      after
    )
    expect(records.map(({ source }) => source)).toEqual(['provisional', 'answer', '405'])
  })

  it('of a later version is refused', () => {
    expect(() => telling([]).restore('allow answer x', Buffer.from('2 INVITE'))).toThrow('format 2')
  })
})

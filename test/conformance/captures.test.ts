import { expect, it } from '@jest/globals'
import { captureFile, captureNames, describeCaptures, expectedOf, type Expected } from '../captures.ts'
import { earshot } from '../earshot.ts'

describeCaptures('earshot analyze --json gives the expected figures of', () => {
  it.each(captureNames)('%s', async name => {
    const expected = expectedOf(name)
    expect(fieldsOf(await analyzed(captureFile(name)), expected)).toEqual(expected)
  })

  it('hep2_sipp_teach, which are those of the traffic in it', async () => {
    const expected = expectedOf('sipp_teach')
    expect(fieldsOf(await analyzed(captureFile('hep2_sipp_teach')), expected)).toEqual(expected)
  })
})

describeCaptures('a capture without SIP', () => {
  it.each(['neg_http_on_sip_port', 'neg_websocket'])('has no peers and is no error: %s', async name => {
    expect((await analyzed(captureFile(name))).peers).toEqual([])
  })
})

async function analyzed(file: string): Promise<Expected> {
  const { code, stdout, stderr } = await earshot('analyze', '--json', file)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Expected
}

/** What the expectation speaks of: its counts of messages, and of each peer its fields, but all peers and all keys of a field. */
function fieldsOf(actual: Expected, expected: Expected): object {
  return {
    messages: pick(actual.messages, expected.messages),
    calls: actual.calls,
    peers: actual.peers.map(row => {
      const like = expected.peers.find(({ peer }) => peer === row.peer) ?? row
      return { ...pick(row, like), earlyMedia: pick(row.earlyMedia, like.earlyMedia) }
    })
  }
}

const pick = (actual: unknown, like: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.keys(like as object).map(key => [key, (actual as Record<string, unknown>)[key]]))

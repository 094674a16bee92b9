import { describe, expect, it } from '@jest/globals'
import { campaign } from './campaign.ts'

describe('damaged HEP and SIP', () => {
  it('neither throws, nor hangs, nor is read or written outside of its bytes', async () => {
    expect(await campaign({ seed: 1, count: 20_000 })).toMatchObject({ done: 20_000, failure: undefined })
  }, 60_000)
})

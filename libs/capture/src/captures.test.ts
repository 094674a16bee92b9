import { describe, expect, it } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readSip } from '@earshot/sip'
import { readAll } from './testing/files.ts'

const folder = join(import.meta.dirname, '../../../../shared/captures')
const describeCaptures = existsSync(folder) ? describe : describe.skip

const names = existsSync(folder) ? readdirSync(folder).filter(name => /\.pcap(ng)?$/.test(name)) : []

/** HEPv2 captures have the figures of what they were made from. */
function expectedMessages(name: string): number {
  const figures = name.replace(/\.pcap(ng)?$/, '.json').replace(/^hep2_/, '')
  const { messages } = JSON.parse(readFileSync(join(folder, 'expected', figures), 'utf8')) as {
    messages: { sip: number }
  }
  return messages.sip
}

describeCaptures('the captures of ../shared/captures (skipped where the folder is missing)', () => {
  it.each(names.length > 0 ? names : ['none'])('%s has the expected number of SIP messages', async name => {
    const { captured, error } = await readAll(join(folder, name))
    expect(error).toBeUndefined()
    const messages = captured.flatMap(({ payload }) => readSip(payload).messages)
    expect(messages).toHaveLength(expectedMessages(name))
  })
})

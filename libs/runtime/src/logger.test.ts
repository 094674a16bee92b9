import { describe, expect, it } from '@jest/globals'
import { createLogger } from './index.ts'

function lines(isTTY: boolean, level = 'info') {
  const written: string[] = []
  return { written, logger: createLogger({ level, output: { isTTY, write: line => void written.push(line) } }) }
}

describe('createLogger', () => {
  it('writes JSON lines with UTC times and named levels', () => {
    const { logger, written } = lines(false)
    logger.warn({ port: 9060 }, 'listening')
    expect(written).toHaveLength(1)
    expect(JSON.parse(written[0]!)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      port: 9060,
      msg: 'listening'
    })
  })

  it('writes a line to read on a terminal', () => {
    const { logger, written } = lines(true)
    logger.info({ port: 9060, transport: 'udp' }, 'listening')
    expect(written.join('')).toMatch(/^\d{4}-\S+Z INFO {2}listening port=9060 transport="udp"\n$/)
  })

  it('shows the stack of an error on a terminal', () => {
    const { logger, written } = lines(true)
    logger.error({ err: new Error('disk full') }, 'not written')
    expect(written.join('')).toMatch(/ERROR not written\nError: disk full\n {4}at /)
  })

  it('lets nothing from the wire control the terminal', () => {
    const { logger, written } = lines(true)
    logger.info({ callId: '\u001b[2J\u009b2J\u007f' }, 'a \u001b[31mcall')
    expect(written.join('')).toContain('a \\u001b[31mcall callId="\\u001b[2J\\u009b2J\\u007f"\n')
  })

  it('leaves out what is below its level', () => {
    const { logger, written } = lines(false, 'error')
    logger.warn('no')
    expect(written).toEqual([])
  })
})

import { spawnSync } from 'node:child_process'
import { describe, it } from '@jest/globals'

/**
 * A describe of what needs these programs, by name on the PATH or by path. Where one is missing it is skipped and says so, but
 * not in CI, which has them all: there it fails.
 */
export const describeWith =
  (...tools: readonly string[]) =>
  (name: string, block: () => void): void => {
    const missing = tools.filter(tool => !isThere(tool)).join(', ')
    if (missing !== '' && process.env.CI === 'true') describe(name, () => it('has its tools', () => fail(missing)))
    else describeUnless(missing && `${missing} not installed`, name, block)
  }

/** A describe that is skipped where something is in its way, and says what; '' for nothing. */
export function describeUnless(obstacle: string, name: string, block: () => void): void {
  if (obstacle === '') describe(name, block)
  else describe.skip(`${name} (skipped: ${obstacle})`, block)
}

const isThere = (tool: string): boolean => spawnSync('sh', ['-c', 'command -v "$0"', tool]).status === 0

function fail(missing: string): never {
  throw new Error(`CI is without ${missing}, see test/install-tools.sh`)
}

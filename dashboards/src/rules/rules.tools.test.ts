import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from '@jest/globals'
import { describeWith } from '../../../test/describe-tools.ts'
import { promtoolTests } from './cases/promtool.ts'
import { rulesFile } from './files.ts'
import { ruleGroups } from './index.ts'
import { asShipped } from './options.ts'

describeWith('promtool')('promtool', () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const promtool = (...args: readonly string[]): string => {
    const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' })
    if (error) throw error
    return status === 0 ? 'passed' : `${stdout}${stderr}`
  }
  const written = (name: string, content: string): string => {
    const file = join(folder, name)
    writeFileSync(file, content)
    return file
  }

  it.each([1, 0.2, 1 / 30])('checks the rules at a pace of %d', pace => {
    const file = written('checked.yaml', rulesFile(ruleGroups({ ...asShipped, pace })))
    expect(promtool('check', 'rules', '--lint=all', '--lint-fatal', file)).toBe('passed')
  })

  it('finds every alert where it should be, with its words, and nowhere else; and what is recorded', () => {
    const rules = written('rules.yaml', rulesFile(ruleGroups()))
    const tests = written('tests.json', JSON.stringify(promtoolTests(rules)))
    expect(promtool('test', 'rules', tests)).toBe('passed')
  }, 300_000)
})

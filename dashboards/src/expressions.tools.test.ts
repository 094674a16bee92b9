import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { stringify } from 'yaml'
import { annotationsOf, askedBy } from './asked.fixture.ts'
import { boards } from './boards.ts'
import { describeWith } from '../../test/describe-tools.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'

const folder = temporaryFolder()

describeWith('promtool')('promtool reads every expression', () => {
  it.each(boards.map(board => ({ title: board.title ?? '', board })))('of $title', ({ board }) => {
    const expressions = [...askedBy(board).map(({ expression }) => expression), ...annotationsOf(board)]
    const rules = expressions.map((expr, index) => ({ record: `expression:${index}`, expr }))
    const file = join(folder, 'rules.yaml')
    writeFileSync(file, stringify({ groups: [{ name: 'expressions', rules }] }))
    const { stdout, stderr, status } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`)
  })
})

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { formats, others } from './formats.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/*
 * What a new version reads of what an old one wrote is told by golden files, which the tests beside the code read. Here
 * stands that none is missing: of every format, of every number that there was.
 */
describe('what is kept', () => {
  it.each(formats)(
    'of $what has golden files of every format, which a test reads',
    ({ writtenBy, number, goldens, readBy }) => {
      const newest = Number(number.exec(read(writtenBy))?.[1])
      expect({ writtenBy, newest }).toEqual({ writtenBy, newest: goldens.length })
      for (const pattern of goldens) {
        expect({ pattern, files: globSync(pattern, { cwd: root }).length > 0 }).toEqual({ pattern, files: true })
        // The test names the folder, or is in the same package and reads all in it.
        const [folder = ''] = /testdata\/(\w+)/.exec(pattern)!.slice(1)
        expect(read(readBy)).toContain(folder)
      }
    }
  )

  it('is all of it in the table', () => {
    const sources = globSync(['libs/*/src/**/*.ts', 'services/**/*.ts'], { cwd: root }).filter(
      file => !/\.(test|fixture|contract|child)\.ts$|\/web\/|\/bench\//.test(file)
    )
    const writing = sources.filter(file =>
      /\b(VERSION|FORMAT|\w*[fF]ormat)\b( =|:) '?\d|new KeyedStates/.test(read(file))
    )
    const known = new Set([...formats.map(({ writtenBy }) => writtenBy), ...Object.keys(others)])
    expect(writing.filter(file => !known.has(file))).toEqual([])
  })
})

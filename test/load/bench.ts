/**
 * Runs the benches one after the other, each in a process of its own, and prints what each says of its method before its
 * figures: `npm run bench [-- NAME…]`, NAME being a part of their path (hep, collector). Figures are worth something on
 * a machine that does nothing else.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const names = process.argv.slice(2)
const all = ['libs/*/bench/*.bench.ts', 'test/load/*.bench.ts'].flatMap(each =>
  globSync(each, { cwd: root }).toSorted()
)
const chosen = all.filter(path => names.length === 0 || names.some(name => path.includes(name)))
if (chosen.length === 0) {
  console.error(`no bench is named ${names.join(' or ')}; there are:\n  ${all.join('\n  ')}`)
  process.exit(2)
}

console.log(`Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model}`)
for (const path of chosen) {
  console.log(`\n── ${path}\n${methodOf(readFileSync(join(root, path), 'utf8'))}\n`)
  const [code] = (await once(spawn(process.execPath, [path], { cwd: root, stdio: 'inherit' }), 'exit')) as [
    number | null
  ]
  if (code === 0) continue
  console.error(`${path} ended with ${code}`)
  process.exitCode = 1
}

/** The first comment of a bench is its method. */
function methodOf(source: string): string {
  const [comment] = /\/\*\*[^]*?\*\/|(?:^\/\/.*\n)+/m.exec(source) ?? ['It does not say.']
  return comment.replaceAll(/^[ \t]*(?:\/\*\*|\*\/|\*|\/\/) ?|\s*\*\/$/gm, '').trim()
}

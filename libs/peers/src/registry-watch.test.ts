import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { type RegistryWatch, watchRegistry } from './registry.ts'

const folder = mkdtempSync(join(tmpdir(), 'earshot-registry-'))
afterAll(() => rmSync(folder, { recursive: true }))

const open: RegistryWatch[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(watch => watch.stop()))
})

const yaml = (name: string): string => `peers: [{ name: ${name}, members: [192.0.2.1] }]\n`

/** A watch whose every report can be awaited in turn. */
function watched(file: string, everyMs = 10) {
  const told: string[] = []
  const waiting: ((report: string) => void)[] = []
  const tell = (report: string): void => {
    told.push(report)
    waiting.shift()?.(report)
  }
  const watch = watchRegistry(
    file,
    registry => tell(registry.entries.map(({ name }) => name).join()),
    error => tell(error.message.replace(folder, '')),
    everyMs
  )
  open.push(watch)
  const next = (): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>()
    waiting.push(resolve)
    return promise
  }
  return { watch, told, next }
}

describe('watchRegistry', () => {
  it('loads the file at the start and follows it, also when another takes its place', async () => {
    const file = join(folder, 'followed.yaml')
    writeFileSync(file, yaml('a'))
    const { watch, told, next } = watched(file)
    await watch.start()
    expect(told).toEqual(['a'])
    const second = next()
    writeFileSync(`${file}.new`, yaml('bb'))
    renameSync(`${file}.new`, file)
    expect(await second).toBe('bb')
  })

  it('follows a ConfigMap, whose files are links into a folder that another takes the place of', async () => {
    const mounted = join(folder, 'mounted')
    const put = (revision: string, content: string): void => {
      mkdirSync(join(mounted, revision), { recursive: true })
      writeFileSync(join(mounted, revision, 'peers.yaml'), content)
      symlinkSync(revision, join(mounted, '..data_tmp'))
      renameSync(join(mounted, '..data_tmp'), join(mounted, '..data'))
    }
    put('..2026_01', yaml('a'))
    symlinkSync('..data/peers.yaml', join(mounted, 'peers.yaml'))
    const { watch, told, next } = watched(join(mounted, 'peers.yaml'))
    await watch.start()
    expect(told).toEqual(['a'])
    const second = next()
    put('..2026_02', yaml('bb'))
    rmSync(join(mounted, '..2026_01'), { recursive: true })
    expect(await second).toBe('bb')
  })

  it('keeps the running registry in force over a mistake, and says which', async () => {
    const file = join(folder, 'mistaken.yaml')
    writeFileSync(file, yaml('a'))
    const { watch, next } = watched(file)
    await watch.start()
    const mistake = next()
    writeFileSync(file, 'peers: nobody\n')
    expect(await mistake).toBe('/mistaken.yaml:1: peers: write a list of peers')
    const gone = next()
    rmSync(file)
    expect(await gone).toBe('/mistaken.yaml: cannot be read (ENOENT); write the path of a YAML file')
  })

  it('reloads when told to, and tells nobody of an edit that changes nothing', async () => {
    const file = join(folder, 'told.yaml')
    writeFileSync(file, yaml('a'))
    const { watch, told } = watched(file, 60_000)
    await watch.start()
    writeFileSync(file, `# A comment\n${yaml('a')}`)
    await watch.reload()
    writeFileSync(file, yaml('b'))
    await Promise.all([watch.reload(), watch.reload()])
    expect(told).toEqual(['a', 'b'])
  })

  it('does not start with a mistake, and may be stopped then and twice', async () => {
    const file = join(folder, 'wrong.yaml')
    writeFileSync(file, 'peers: nobody\n')
    const { watch, told } = watched(file)
    await expect(watch.start()).rejects.toThrow('write a list of peers')
    await watch.stop()
    await watch.stop()
    expect(told).toEqual([])
  })

  it('tells nothing once stopped', async () => {
    const file = join(folder, 'stopped.yaml')
    writeFileSync(file, yaml('a'))
    const { watch, told } = watched(file, 60_000)
    await watch.start()
    await watch.stop()
    writeFileSync(file, yaml('b'))
    await watch.reload()
    expect(told).toEqual(['a'])
  })
})

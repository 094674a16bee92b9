import { chmodSync, globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { billOf } from './bom.ts'
import { layOutEarshot, layOutPackages } from './packages.ts'
import { run } from './run.ts'
import { layOutSystem } from './system.ts'

/*
 * Builds the image with buildah, from what npm and Debian have. The same sources and packages give the same digest.
 *
 *   npm run image                                  as localhost/earshot:VERSION
 *   npm run image -- --tag NAME --archive FILE     FILE for `docker load`, `podman load`, `ctr images import`
 */
const source = fileURLToPath(new URL('../..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string }
const { values } = parseArgs({
  options: {
    tag: { type: 'string', default: `localhost/earshot:${version}` },
    archive: { type: 'string' },
    /** Where the bill of materials and the licences are written to; they are in the image as well. */
    out: { type: 'string', default: join(source, 'dist/image') }
  }
})

const context = mkdtempSync(join(tmpdir(), 'earshot-image-'))
try {
  const [system, packages, earshot] = ['system', 'packages', 'earshot'].map(name => join(context, name))
  for (const folder of [system!, packages!, earshot!, values.out]) mkdirSync(folder, { recursive: true })
  const debian = layOutSystem(system!, nodeBinary(), join(context, 'debian'))
  layOutPackages(packages!, source)
  layOutEarshot(earshot!, source)
  const { bom, licences } = billOf(source, debian)
  for (const folder of [earshot!, values.out]) {
    writeFileSync(join(folder, 'bom.cdx.json'), bom)
    writeFileSync(join(folder, 'LICENCES.txt'), licences)
  }
  for (const folder of [system!, packages!, earshot!]) sameModes(folder)
  // Whoever the user of a container is, here it may write, until something is mounted there.
  for (const folder of ['data', 'tmp']) chmodSync(join(system!, folder), 0o1777)

  const containerfile = join(source, 'deploy/images/Containerfile')
  run(
    'buildah',
    [
      'bud',
      '--isolation',
      'chroot',
      '--timestamp',
      '0',
      '--no-cache',
      '--layers',
      '-f',
      containerfile,
      '-t',
      values.tag,
      context
    ],
    { shows: true }
  )
  const [{ size, digest }] = JSON.parse(run('buildah', ['images', '--json', values.tag])) as [
    { size: string; digest: string }
  ]
  console.log(`${values.tag} ${digest}, ${size}`)
  if (values.archive !== undefined) {
    rmSync(values.archive, { force: true })
    run('buildah', ['push', '--quiet', values.tag, `docker-archive:${values.archive}:${values.tag}`])
    console.log(values.archive)
  }
} finally {
  rmSync(context, { recursive: true, force: true })
}

/** The binary of the npm package `node`, wherever npm has put it. */
function nodeBinary(): string {
  return createRequire(join(source, 'package.json')).resolve('node/bin/node')
}

/** Whatever the umask of who builds is, the image is the same. */
function sameModes(root: string): void {
  chmodSync(root, 0o755)
  for (const path of globSync('**', { cwd: root })) {
    const file = join(root, path)
    const stat = lstatSync(file)
    if (stat.isSymbolicLink()) continue
    chmodSync(file, stat.isDirectory() || path === 'usr/bin/node' || path.includes('ld-linux') ? 0o755 : 0o644)
  }
}

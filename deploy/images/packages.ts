import { cpSync, globSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { run } from './run.ts'

/** What npm installs from: every package.json of the workspace, and the lock. */
const manifests = [
  'package.json',
  'package-lock.json',
  'libs/*/package.json',
  'services/package.json',
  'dashboards/package.json'
]

/** What a package has for those who develop with it; licences stay. */
const forDevelopers = /\.(d\.[cm]?ts|map|md|markdown|tsx?|flow)$|^(test|tests|docs|examples?|\.github|benchmarks?)$/i
const isLicence = (name: string): boolean => /licen[cs]e|copying|notice/i.test(name)

/** Of Earshot itself what no process of the image needs. */
const notShipped = /\.(test|fixture|contract|child|testing)\.tsx?$|(^|\/)(testdata|bench|web\/src)\/|\/web\/(?!dist\/)/

/** Installs what services need at run time, from the lock and without scripts, and takes what only developers need away. */
export function layOutPackages(root: string, source: string): void {
  for (const file of manifests.flatMap(pattern => globSync(pattern, { cwd: source }))) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    cpSync(join(source, file), join(root, file))
  }
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '-w', 'services'], { cwd: root })
  const modules = join(root, 'node_modules')
  rmSync(join(modules, '.package-lock.json'))
  rmSync(join(modules, '.bin'), { recursive: true, force: true })
  for (const path of globSync('**', { cwd: modules, exclude: name => name.startsWith('@earshot') }).toSorted()) {
    if (forDevelopers.test(basename(path)) && !isLicence(basename(path)) && inPackage(path)) {
      rmSync(join(modules, path), { recursive: true, force: true })
    }
  }
  for (const file of manifests.flatMap(pattern => globSync(pattern, { cwd: root }))) rmSync(join(root, file))
}

/** A package may be called docs or test itself. */
const inPackage = (path: string): boolean => !/(^|node_modules\/)(@[^/]+\/)?[^/]+$/.test(path)

/** Copies Earshot's own files: those that git knows or would take, and the page that `npm ci` has built. */
export function layOutEarshot(root: string, source: string): void {
  const listed = run(
    'git',
    [
      'ls-files',
      '--cached',
      '--others',
      '--exclude-standard',
      'package.json',
      'LICENSE',
      'libs',
      'services',
      'docs/runbooks'
    ],
    { cwd: source }
  )
  const page = globSync('services/console/web/dist/**', { cwd: source })
  if (page.length === 0) throw new Error('The page is not built; run `npm run prepare`')
  for (const file of [...listed.trim().split('\n'), ...page]) {
    if (notShipped.test(file) || !lstatSync(join(source, file)).isFile()) continue
    mkdirSync(dirname(join(root, file)), { recursive: true })
    cpSync(join(source, file), join(root, file))
  }
}

import { copyFileSync, cpSync, existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { run } from './run.ts'

/** One package of the operating system that the image has files of. */
export type SystemPackage = {
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** Its copyright file, which names the licences. */
  readonly copyright: string
}

/** Of Debian's packages: the loader, and what `ldd node` names, with the parts that glibc loads to resolve names. */
const libraries: Readonly<Record<string, RegExp>> = {
  libc6: /^(ld-linux.*|libc|libdl|libm|libpthread|librt|libresolv|libnss_dns|libnss_files)\.so(\.\d+)*$/,
  'libstdc++6': /^libstdc\+\+\.so/,
  'libgcc-s1': /^libgcc_s\.so/
}

/** Whose copyright file the other two refer to. */
const gcc = 'gcc-12-base'

/** Nobody can log in as it, and nothing in the image belongs to it but its data. */
export const user = 10001

const files: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0:root:/root:/sbin/nologin\nearshot:x:${user}:${user}:Earshot:/data:/sbin/nologin\n`,
  'etc/group': `root:x:0:\nearshot:x:${user}:\n`,
  'etc/nsswitch.conf': 'hosts: files dns\n'
}

/**
 * Lays out what the image has beside Earshot: Node as npm brings it, and from Debian's packages only the libraries that it
 * is linked with. No shell, no package manager.
 *
 * @param node the binary
 * @param work a folder for what is unpacked
 */
export function layOutSystem(root: string, node: string, work: string): SystemPackage[] {
  mkdirSync(work, { recursive: true })
  // Fails on a machine that has never asked for Debian's lists: apt-get update.
  run('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', ...Object.keys(libraries), gcc], { cwd: work })
  const packages = globSync('*.deb', { cwd: work })
    .toSorted()
    .map(deb => unpacked(join(work, deb)))
  for (const { name, folder } of packages) copyLibraries(folder, libraries[name], root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const folder of ['usr/bin', 'data', 'tmp']) mkdirSync(join(root, folder), { recursive: true })
  copyFileSync(node, join(root, 'usr/bin/node'))
  return packages.map(({ folder, ...each }) => ({ ...each, copyright: copyrightOf(folder, root, each.name) }))
}

function unpacked(deb: string) {
  const folder = deb.slice(0, -'.deb'.length)
  run('dpkg-deb', ['-x', deb, folder])
  const [name = '', version = '', architecture = ''] = ['Package', 'Version', 'Architecture'].map(field =>
    run('dpkg-deb', ['-f', deb, field]).trim()
  )
  return { name, version, architecture, folder }
}

function copyLibraries(folder: string, wanted: RegExp | undefined, root: string): void {
  if (wanted === undefined) return
  for (const file of globSync('{lib,lib64,usr/lib}/**/*.so*', { cwd: folder })) {
    if (!wanted.test(basename(file))) continue
    mkdirSync(dirname(join(root, file)), { recursive: true })
    cpSync(join(folder, file), join(root, file), { verbatimSymlinks: true })
  }
}

function copyrightOf(folder: string, root: string, name: string): string {
  const path = join('usr/share/doc', name, 'copyright')
  // The libraries of GCC have a link to the folder of its base there.
  if (!existsSync(join(folder, path))) return join('/usr/share/doc', gcc, 'copyright')
  mkdirSync(dirname(join(root, path)), { recursive: true })
  copyFileSync(join(folder, path), join(root, path))
  return join('/', path)
}

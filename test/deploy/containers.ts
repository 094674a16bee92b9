import { spawn, spawnSync } from 'node:child_process'
import type { Launch } from '../earshot.ts'

/** Without systemd and on any kind of cgroups; the limits are below those that tests may have themselves. */
const podman = ['--cgroup-manager', 'cgroupfs', '--runtime', 'runc']
const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024']

let started = 0

/**
 * Starts Earshot as Kubernetes does: from its image, as a user without a name, with a root that cannot be written; on the
 * network of this machine, and with one folder of it at the same place.
 */
export const inContainers =
  (image: string, folder: string): Launch =>
  args => {
    const name = `earshot-test-${process.pid}-${++started}`
    const rights = ['--read-only', '--read-only-tmpfs=false', '--user', '10001', '--cap-drop', 'all']
    const child = spawn(
      'podman',
      [
        ...podman,
        'run',
        '--rm',
        '--name',
        name,
        '--network',
        'host',
        ...limits,
        ...rights,
        '-v',
        `${folder}:${folder}`,
        image,
        ...args
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] }
    )
    return {
      child,
      signal: signal => {
        const { status, stderr } = spawnSync('podman', [...podman, 'kill', '--signal', signal, name], {
          encoding: 'utf8'
        })
        if (status !== 0 && child.exitCode === null) throw new Error(stderr)
      }
    }
  }

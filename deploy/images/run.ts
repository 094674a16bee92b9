import { spawnSync } from 'node:child_process'

export type RunOptions = {
  readonly cwd?: string
  /** Standard error is shown as it comes; otherwise only when the program fails. */
  readonly shows?: boolean
}

/**
 * Runs a program to its end and gives what it wrote.
 *
 * @throws Error with what it complained about, where it is missing or fails
 */
export function run(program: string, args: readonly string[], { cwd, shows = false }: RunOptions = {}): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', shows ? 'inherit' : 'pipe']
  })
  if (error) throw new Error(`${program} cannot be run: ${error.message}`, { cause: error })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${stderr ?? ''}${stdout}`)
  return stdout
}

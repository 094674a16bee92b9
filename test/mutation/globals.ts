import { expect } from 'expect'

/*
 * As much of jest as the tests of libs/calls use, which registers them to be run again and again in one process: jest
 * itself loads everything anew for each mutant, which takes a hundred times as long as the tests.
 */

export type Test = { readonly name: string; readonly run: () => unknown }

/** In the order in which their files define them. */
export const tests: Test[] = []

const path: string[] = []

export function describe(name: string, define: () => void): void {
  path.push(name)
  define()
  path.pop()
}

export function it(name: string, run: () => unknown): void {
  tests.push({ name: [...path, name].join(' '), run })
}

it.each =
  (rows: readonly unknown[]) =>
  (name: string, run: (...row: unknown[]) => unknown): void =>
    rows.forEach((row, index) => it(`${name} (${index})`, () => run(...(Array.isArray(row) ? row : [row]))))

it.failing = (name: string, run: () => unknown): void =>
  it(name, async () => {
    const passes = await Promise.resolve()
      .then(run)
      .then(
        () => true,
        () => false
      )
    if (passes) throw new Error('It is said to fail, and passes.')
  })

export { expect }

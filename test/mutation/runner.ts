import { globSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner
} from '@stryker-mutator/api/test-runner'
import { tests, type Test } from './globals.ts'

/** What each mutant of libs/calls is tried on: everything but random traffic, which finds what it finds by luck. */
const FILES = 'libs/calls/src/!(properties).test.ts'

const globals = new URL('./globals.ts', import.meta.url).href

/** What the instrumented code reads and writes. */
const stryker = ((globalThis as Record<string, unknown>)[INSTRUMENTER_CONSTANTS.NAMESPACE] ??=
  {}) as InstrumenterContext

/** Runs the tests of libs/calls on mutants one after the other, without loading anything again. */
class Runner implements TestRunner {
  #isFresh = true

  capabilities() {
    // A mutant of what runs while modules load gets a process of its own.
    return { reloadEnvironment: false }
  }

  async dryRun(): Promise<DryRunResult> {
    await load()
    const results: TestResult[] = []
    for (const test of tests) results.push(await resultOf(test))
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: stryker.mutantCoverage! }
  }

  async mutantRun({
    activeMutant,
    hitLimit,
    mutantActivation,
    testFilter
  }: MutantRunOptions): Promise<MutantRunResult> {
    const wasFresh = this.#isFresh
    this.#isFresh = false
    const activate = (): void => void (stryker.activeMutant = activeMutant.id)
    if (mutantActivation === 'static') activate()
    await load()
    stryker.hitCount = 0
    stryker.hitLimit = hitLimit!
    activate()
    const results: TestResult[] = []
    for (const test of testFilter ? tests.filter(({ name }) => testFilter.includes(name)) : tests) {
      const result = await resultOf(test)
      results.push(result)
      if (result.status !== TestStatus.Failed) continue
      if (!wasFresh && mutantActivation === 'runtime' && !(await passesUnmutated(test))) {
        throw new Error(
          'What an earlier mutant left in the memory of a module fails this test: another process, please.'
        )
      }
      break
    }
    const tooManyHits = determineHitLimitReached(stryker.hitCount, hitLimit)
    return toMutantRunResult(tooManyHits ?? { status: DryRunStatus.Complete, tests: results })
  }
}

/** Loads the tests, and with them what is tested, once in a process. */
async function load(): Promise<void> {
  if (tests.length > 0) return
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@jest/globals' ? { url: globals, shortCircuit: true } : next(specifier, context)
  })
  const Plain = globalThis.Map
  const made: Map<unknown, unknown>[] = []
  globalThis.Map = class<K, V> extends Plain<K, V> {
    constructor(entries?: Iterable<readonly [K, V]> | null) {
      super(entries)
      made.push(this)
    }
  }
  for (const file of globSync(FILES).sort()) await import(pathToFileURL(resolve(file)).href)
  globalThis.Map = Plain
  memories = made.filter(({ size }) => size === 0)
}

/**
 * In which modules remember what they have read: maps that they make, and leave empty, while they load. Each test begins
 * without, or what one test has read would not be broken for the next.
 */
let memories: readonly Map<unknown, unknown>[] = []

async function resultOf({ name, run }: Test): Promise<TestResult> {
  for (const memory of memories) memory.clear()
  stryker.currentTestId = name
  const began = performance.now()
  const failureMessage = await Promise.resolve()
    .then(run)
    .then(
      () => undefined,
      (error: unknown) => String(error)
    )
  delete stryker.currentTestId
  const told = { id: name, name, timeSpentMs: performance.now() - began }
  return failureMessage === undefined
    ? { ...told, status: TestStatus.Success }
    : { ...told, status: TestStatus.Failed, failureMessage }
}

async function passesUnmutated(test: Test): Promise<boolean> {
  delete stryker.activeMutant
  const { status } = await resultOf(test)
  return status === TestStatus.Success
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'earshot', Runner)]

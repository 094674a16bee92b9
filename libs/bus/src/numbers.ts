import type { Log, LogRecord, NewRecord, Stage, StateEntry, Work } from './log.ts'

/** Stages and records whose right result is known: for the contract, the crash test and the benchmark. */

export const numbered = (from: number, to: number, partition = 0): NewRecord[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ partition, value: Buffer.from(String(from + index)) }))

export const numberOf = (record: { readonly value: Buffer }): number => Number(record.value.toString())

export async function numbersIn(log: Log, topic: string): Promise<number[]> {
  return (await Array.fromAsync(log.read(topic, 0, 0))).map(numberOf)
}

/** The running sums of the numbers from..to, from 0. */
export function sumsOf(from: number, to: number): number[] {
  let sum = 0
  return Array.from({ length: to - from + 1 }, (_, index) => (sum += from + index))
}

/** Emits after each number the sum of all so far, which is its state. */
export function runningSum(topic = 'out', key = 'sum'): Stage & { handle(records: readonly LogRecord[]): Work } {
  let sum = 0
  return {
    async restore(states) {
      for await (const { value } of states) sum = numberOf({ value })
    },
    handle(records) {
      const emit = records.map(record => {
        sum += numberOf(record)
        return { topic, key, value: Buffer.from(String(sum)) }
      })
      return { emit, changed: [{ key: 'sum', value: Buffer.from(String(sum)) }] }
    }
  }
}

/** Needs the last `count` records again after a restart; notes in `seen` what it is given. */
export function lastRemembered(count: number, seen: string[]): Stage & { handle(records: readonly LogRecord[]): Work } {
  let held: LogRecord[] = []
  return {
    async restore(states: AsyncIterable<StateEntry>) {
      for await (const _ of states) throw new Error('it has no state')
    },
    handle(records) {
      for (const record of records) seen.push(`${record.replayed ? 'again ' : ''}${numberOf(record)}`)
      held = [...held, ...records].slice(-count)
      return { emit: [], changed: [], resumeFrom: held[0]!.offset }
    }
  }
}

import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import { commandRecord, readCommand, silenceId, type Command, type Scope } from '../command-record.ts'
import { Decisions, lastDecisionKey, mostSilences } from './decisions.ts'

const noon = epochMicros(1_767_225_600e6)
const after = (passed: number): EpochMicros => plus(noon, seconds(passed))

const silence = (scope: Scope, until: number, at = 0): Command => ({
  kind: 'silence',
  scope,
  by: 'ann',
  at: after(at),
  until: after(until)
})
const unsilence = (scope: Scope, at = 0): Command => ({ kind: 'unsilence', silence: silenceId(scope), at: after(at) })
const acknowledge = (alert: string, by = 'ann', at = 0): Command => ({ kind: 'acknowledge', alert, by, at: after(at) })

function decided(...commands: readonly Command[]): Decisions {
  const decisions = new Decisions()
  for (const command of commands) decisions.take(command)
  return decisions
}

const alert = { peer: 'far', kind: 'allow_drop' } as const

describe('a silence', () => {
  it.each([
    { name: 'of the peer', commands: [silence({ peer: 'far' }, 60)], until: 60 },
    { name: 'of the kind', commands: [silence({ kind: 'allow_drop' }, 60)], until: 60 },
    { name: 'of both', commands: [silence(alert, 60)], until: 60 },
    { name: 'of another peer', commands: [silence({ peer: 'near' }, 60)], until: undefined },
    { name: 'of another kind at the peer', commands: [silence({ peer: 'far', kind: 'spike' }, 60)], until: undefined },
    { name: 'that is over', commands: [silence(alert, 10)], until: undefined },
    { name: 'that was over when it was given', commands: [silence(alert, 60, 60)], until: undefined },
    {
      name: 'that ends last, of several',
      commands: [silence({ peer: 'far' }, 60), silence({ kind: 'allow_drop' }, 90), silence(alert, 70)],
      until: 90
    },
    {
      name: 'that a later one of its scope shortened',
      commands: [silence(alert, 90), silence(alert, 60, 1)],
      until: 60
    },
    { name: 'that was ended', commands: [silence(alert, 60), unsilence(alert, 1)], until: undefined },
    { name: 'given again', commands: [silence(alert, 60), unsilence(alert, 1), silence(alert, 60, 2)], until: 60 },
    {
      name: 'of the kind, of which a narrower one was ended',
      commands: [silence({ kind: 'allow_drop' }, 60), unsilence(alert)],
      until: 60
    }
  ])('$name', ({ commands, until }) => {
    expect(decided(...commands).silenceOf(alert, after(10))?.until).toEqual(until && after(until))
  })

  it('is one of a thousand at most', () => {
    const all = Array.from({ length: mostSilences }, (_, peer) => silence({ peer: String(peer) }, 60))
    const decisions = decided(...all, silence(alert, 60))
    expect(decisions.silences(noon)).toHaveLength(mostSilences)
    expect(decisions.silenceOf(alert, noon)).toBeUndefined()
    decisions.take(silence(alert, 120, 60))
    expect(decisions.silences(after(60))).toHaveLength(1)
  })
})

describe('an acknowledgement', () => {
  it('is that of the last who gave it; given again it stays as it was', () => {
    const decisions = decided(acknowledge('a', 'ann'), acknowledge('a', 'bob', 1), acknowledge('a', 'bob', 2))
    expect(decisions.acknowledgement({ id: 'a' })).toEqual({ by: 'bob', at: after(1) })
    expect(decisions.acknowledgement({ id: 'b' })).toBeUndefined()
  })

  it('is forgotten when a thousand newer ones are there', () => {
    const decisions = decided(...Array.from({ length: 1001 }, (_, at) => acknowledge(`a${at}`, 'ann', at)))
    expect(decisions.acknowledgement({ id: 'a0' })).toBeUndefined()
    expect(decisions.acknowledgement({ id: 'a1' })).toBeDefined()
  })
})

describe('what was decided', () => {
  const scopes = fc.constantFrom<Scope>({ peer: 'far' }, { kind: 'allow_drop' }, alert)
  const times = fc.integer({ min: 0, max: 100 })
  const commands = fc.array(
    fc.oneof(
      fc.tuple(scopes, times, times).map(([scope, until, at]) => silence(scope, until, at)),
      fc.tuple(scopes, times).map(([scope, at]) => unsilence(scope, at)),
      fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('ann', 'bob'), times).map(each => acknowledge(...each))
    ),
    { maxLength: 20 }
  )
  const seen = (decisions: Decisions): unknown => [
    decisions.silences(noon),
    decisions.acknowledgement({ id: 'a' }),
    decisions.acknowledgement({ id: 'b' })
  ]

  it('is the same after a crash, when a command comes twice, and by way of the log', () => {
    fc.assert(
      fc.property(commands, fc.nat(20), (all, cut) => {
        const whole = decided(...all)
        const state = new Map<string, Buffer>()
        const commit = (decisions: Decisions): void => {
          const changes = decisions.changes()
          expect(changes.at(-1)?.key ?? lastDecisionKey).toBe(lastDecisionKey)
          for (const { key, value } of changes) {
            if (value) state.set(key, value)
            else state.delete(key)
          }
        }
        commit(decided(...all.slice(0, cut)))
        const restored = new Decisions()
        for (const [key, value] of state) restored.restore({ key, value })
        for (const command of all.slice(cut)) {
          const { headers, value } = commandRecord(command)
          const read = readCommand({ headers: headers!, value })
          restored.take(read)
          restored.take(read)
        }
        expect(seen(restored)).toEqual(seen(whole))
      })
    )
  })

  it('is read as version 1 wrote it, commands and state', () => {
    const file = new URL('testdata/decisions/v1.json', import.meta.url)
    const golden = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly records: readonly { readonly headers: Record<string, string>; readonly value: string }[]
      readonly state: Readonly<Record<string, string>>
    }
    const restored = new Decisions()
    for (const [key, value] of Object.entries(golden.state)) restored.restore({ key, value: Buffer.from(value) })
    const read = golden.records.map(({ headers, value }) => readCommand({ headers, value: Buffer.from(value) }))
    for (const decisions of [restored, decided(...read)]) {
      expect(decisions.acknowledgement({ id: 'EdrN3B4WIDrJUtsXUhm5SWVJ8js' })).toEqual({
        by: 'ann',
        at: noon,
        note: 'ticket 4711'
      })
      expect(decisions.silences(noon).map(({ scope, until, by }) => [scope, until, by])).toEqual([
        [alert, after(3600), 'ann'],
        [{ kind: 'spike' }, after(7200), 'bob']
      ])
    }
  })

  it('refuses what a later version wrote', () => {
    const value = Buffer.from('{"format":2}')
    expect(() => new Decisions().restore({ key: 'silence a', value })).toThrow('format 2')
    expect(() => new Decisions().restore({ key: lastDecisionKey, value })).toThrow('format 2')
    expect(() => readCommand({ headers: { format: '2' }, value })).toThrow('format 2')
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@earshot/runtime'
import { loadAccess, parseAccess } from './access-file.ts'
import { followFiles } from '../followed-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'earshot-agents-'))
afterAll(() => rmSync(folder, { recursive: true }))

function mistakes(yaml: string): readonly string[] {
  try {
    parseAccess(yaml, 'agents.yaml')
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

describe('a mistake in the agents’ file is one line with its place and what to write', () => {
  it.each([
    {
      name: 'an unknown key',
      yaml: 'alow: []',
      says: ['agents.yaml:1: there is no "alow"; write one of allow, unlisted, defaults, agents']
    },
    {
      name: 'an unknown key of an agent',
      yaml: 'agents:\n  - name: a\n    captureIds: [1]\n    key: x\n',
      says: [
        'agents.yaml:4: agents[0]: there is no "key"; write one of name, captureIds, sources, keys, maxPacketsPerSecond'
      ]
    },
    {
      name: 'no network',
      yaml: 'allow:\n  - 192.0.2.0/24\n  - 192.0.2.0/33\n',
      says: [
        'agents.yaml:3: allow[1]: "192.0.2.0/33" is none; write an address or a network, like 192.0.2.7 or 2001:db8::/32'
      ]
    },
    {
      name: 'an agent that nothing tells from others',
      yaml: 'agents: [{ name: a, keys: [k] }]',
      says: ['agents.yaml:1: agents[0]: write captureIds, sources or both, to know it by']
    },
    {
      name: 'a key that YAML reads as a number',
      yaml: 'agents:\n  - name: a\n    captureIds: [1]\n    keys: [12345]\n',
      says: ['agents.yaml:4: agents[0].keys[0]: write the key as text, in quotes where it is a number']
    },
    {
      name: 'a key too long',
      yaml: `agents: [{ name: a, captureIds: [1], keys: [${'k'.repeat(129)}] }]`,
      says: ['agents.yaml:1: agents[0].keys[0]: write at most 128 bytes']
    },
    {
      name: 'a name twice',
      yaml: 'agents:\n  - { name: a, captureIds: [1] }\n  - { name: a, captureIds: [2] }\n',
      says: ['agents.yaml:3: agents[1].name: "a" is there already; write another name']
    },
    {
      name: 'a capture id that another agent has',
      yaml: 'agents:\n  - { name: a, captureIds: [1] }\n  - { name: b, captureIds: [2, 1] }\n',
      says: [
        'agents.yaml:3: agents[1].captureIds[1]: 1 is already of "a", wherever it comes from; leave one of the two out'
      ]
    },
    {
      name: 'what is no YAML',
      yaml: 'agents: [',
      says: [expect.stringMatching(/^agents\.yaml:\d: .*flow sequence/i)]
    }
  ])('$name', ({ yaml, says }) => {
    expect(mistakes(yaml)).toEqual(says)
  })

  it('and has no key in it', () => {
    const secret = 'hunter2'.repeat(20)
    expect(mistakes(`agents: [{ name: a, keys: [${secret}], sources: [x] }]`).join()).not.toContain('hunter2')
  })
})

describe('the agents’ file', () => {
  it('lets everybody send everything where it says so', () => {
    expect(parseAccess('unlisted: accept', 'agents.yaml')).toEqual({
      allow: undefined,
      agents: [],
      takesUnlisted: true,
      maxPacketsPerSecond: undefined
    })
  })

  it.each(['', '# nothing yet'])('does not open the door by being empty: %j', yaml => {
    expect(mistakes(yaml)).toEqual([expect.stringContaining('is empty')])
  })

  it('refuses who is not listed, once somebody is', () => {
    expect(parseAccess('agents: [{ name: a, captureIds: [1] }]', '').takesUnlisted).toBe(false)
    expect(parseAccess('agents: []', '').takesUnlisted).toBe(true)
  })

  it('is followed; a mistake in it is told and leaves what was in force', async () => {
    const file = join(folder, 'agents.yaml')
    const told: string[] = []
    const following = followFiles({
      name: 'agents',
      files: [file],
      load: () => loadAccess(file),
      onChange: ({ agents }) => void told.push(agents.map(({ name }) => name).join()),
      onError: error => void told.push(error.message.replace(folder, '')),
      everyMs: 10
    })
    await expect(following.start()).rejects.toThrow(/cannot be read \(ENOENT\); give hep.agentsFile/)

    writeFileSync(file, 'agents: [{ name: a, captureIds: [1] }]')
    await following.start()
    writeFileSync(file, 'agents: nobody')
    await following.reload()
    writeFileSync(file, 'agents: [{ name: b, captureIds: [1] }]')
    await following.reload()
    await following.stop()
    await following.reload()
    expect([...new Set(told)]).toEqual(['a', '/agents.yaml:1: agents: write a list of agents', 'b'])
  })
})

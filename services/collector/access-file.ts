import { readFile } from 'node:fs/promises'
import { ConfigError } from '@earshot/runtime'
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { blockList, networkIn } from '../networks.ts'
import { everybody, keyOf, LONGEST_KEY, type AgentRule, type Rules } from './access.ts'

const network = z
  .string('write an address or a network as text, like 192.0.2.7 or 192.0.2.0/24')
  .refine(text => networkIn(text) !== undefined, {
    error: ({ input }) => `"${String(input)}" is none; write an address or a network, like 192.0.2.7 or 2001:db8::/32`
  })
const networks = z
  .array(network, 'write a list of addresses and networks')
  .min(1, 'write at least one, or leave it out')
const rate = z.number('write packets per second').positive('write packets per second, more than 0')
const captureId = z.int('write a whole number').min(0, 'write 0 or more').max(0xffffffff, 'write at most 4294967295')
const key = z
  .string('write the key as text, in quotes where it is a number')
  .min(1, 'write a key that is not empty')
  .refine(text => Buffer.byteLength(text) <= LONGEST_KEY, `write at most ${LONGEST_KEY} bytes`)

const Agent = z
  .strictObject(
    {
      name: z.string('write the name of the agent').trim().min(1, 'write the name of the agent').max(128),
      captureIds: z.array(captureId, 'write a list of capture ids').min(1, 'write at least one').optional(),
      sources: networks.optional(),
      keys: z.array(key, 'write a list of keys').min(1, 'write at least one, or leave it out').optional(),
      maxPacketsPerSecond: rate.optional()
    },
    'write a map of name, captureIds, sources, keys and maxPacketsPerSecond'
  )
  .refine(({ captureIds, sources }) => captureIds ?? sources, 'write captureIds, sources or both, to know it by')

const AccessFile = z.strictObject(
  {
    allow: networks.optional(),
    unlisted: z.enum(['accept', 'refuse'], 'write accept or refuse').optional(),
    defaults: z.strictObject({ maxPacketsPerSecond: rate.optional() }, 'write a map of maxPacketsPerSecond').optional(),
    agents: z.array(Agent, 'write a list of agents').optional()
  },
  'write a map of allow, unlisted, defaults and agents'
)

type Mistake = { readonly path: readonly PropertyKey[]; readonly key?: string; readonly message: string }

/**
 * Reads the agents' file: everything in it is checked before anything of it holds.
 *
 * @param file what the text is called in messages
 * @throws ConfigError with all mistakes, a line each. No key is in them.
 */
export function parseAccess(yaml: string, file: string): Rules {
  const lineCounter = new LineCounter()
  const document = parseDocument(yaml, { lineCounter })
  const at = (offset: number): string => `${file}:${lineCounter.linePos(offset).line}`
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map(({ pos, message }) => `${at(pos[0])}: ${message.split('\n')[0]}`))
  }
  const content: unknown = document.toJS()
  if (content === null || content === undefined) {
    // A file that is being written, or a mount that is not there yet, must not open the door.
    throw new ConfigError([`${file}: is empty; write allow or agents, or "unlisted: accept" to let everybody send`])
  }
  const checked = AccessFile.safeParse(content)
  const mistakes = checked.success ? doubles(checked.data) : checked.error.issues.flatMap(mistakesOf)
  if (!checked.success || mistakes.length > 0) {
    throw new ConfigError(
      mistakes.map(({ path, key, message }) => `${at(offsetOf(document, path, key))}: ${pathText(path)}${message}`)
    )
  }
  return rulesOf(checked.data)
}

/** @throws ConfigError also where the file cannot be read */
export async function loadAccess(file: string): Promise<Rules> {
  let yaml: string
  try {
    yaml = await readFile(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigError([`${file}: cannot be read (${code}); give hep.agentsFile the path of a YAML file`])
  }
  return parseAccess(yaml, file)
}

function rulesOf({ allow, unlisted, defaults, agents = [] }: z.infer<typeof AccessFile>): Rules {
  return {
    allow: allow && blockList(allow),
    // Where agents are listed, a capture id of one's own choice must not be a way around their keys.
    takesUnlisted: (unlisted ?? (agents.length > 0 ? 'refuse' : 'accept')) === 'accept',
    maxPacketsPerSecond: defaults?.maxPacketsPerSecond ?? everybody.maxPacketsPerSecond,
    agents: agents.map(({ name, captureIds, sources, keys = [], maxPacketsPerSecond }): AgentRule => ({
      name,
      captureIds: captureIds && new Set(captureIds),
      sources: sources && blockList(sources),
      keys: keys.map(text => keyOf(Buffer.from(text))),
      maxPacketsPerSecond: maxPacketsPerSecond ?? defaults?.maxPacketsPerSecond
    }))
  }
}

/** Names are told apart by people; a capture id without sources would be the first agent's for ever. */
function doubles({ agents = [] }: z.infer<typeof AccessFile>): Mistake[] {
  const names = new Set<string>()
  const ids = new Map<number, string>()
  return agents.flatMap(({ name, captureIds = [], sources }, index) => {
    const mistakes: Mistake[] = []
    if (names.has(name)) {
      mistakes.push({ path: ['agents', index, 'name'], message: `"${name}" is there already; write another name` })
    }
    names.add(name)
    for (const [place, id] of captureIds.entries()) {
      const owner = ids.get(id)
      if (owner !== undefined) {
        const message = `${id} is already of "${owner}", wherever it comes from; leave one of the two out`
        mistakes.push({ path: ['agents', index, 'captureIds', place], message })
      } else if (sources === undefined) ids.set(id, name)
    }
    return mistakes
  })
}

function mistakesOf(issue: z.core.$ZodIssue): Mistake[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }]
  return issue.keys.map(key => ({
    path: issue.path,
    key,
    message: `there is no "${key}"; write one of ${keysAt(issue.path).join(', ')}`
  }))
}

function keysAt([first]: readonly PropertyKey[]): string[] {
  if (first === 'agents') return Object.keys(Agent.shape)
  return first === 'defaults' ? ['maxPacketsPerSecond'] : Object.keys(AccessFile.shape)
}

/** `agents[2].keys[0]: `, counted from 0. */
const pathText = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? ''
    : `${path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`)).join('')}: `

/** Where the value stands, or the key in it; what is missing stands where its parent does. */
function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (!isNode(node)) continue
    const pair = isMap(node) ? node.items.find(each => isScalar(each.key) && String(each.key.value) === key) : undefined
    return (isScalar(pair?.key) ? pair.key : node).range?.[0] ?? 0
  }
  return 0
}

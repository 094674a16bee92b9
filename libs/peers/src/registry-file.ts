import { readFile } from 'node:fs/promises'
import { type EpochMicros, epochMicros } from '@earshot/units'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { memberText, readMember, transports } from './registry-address.ts'
import { type PeerEntry, type Registered, Registry } from './registry-lookup.ts'

/** What is wrong with a registry: one line per mistake, with file and line, and what to write. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[], options?: ErrorOptions) {
    super(mistakes.join('\n'), options)
    this.mistakes = mistakes
  }
}

const text = (what: string) =>
  z.string(`write ${what}`).trim().min(1, `write ${what}`).max(128, 'write at most 128 characters')
const moment = z.iso.datetime({ offset: true, error: 'write a time with its offset, like 2026-11-30T22:00:00Z' })
const limit = (what: string) => z.number(`write ${what}`).positive(`write ${what}`)

const Entry = z.strictObject(
  {
    name: text('the name of the peer').refine(
      name => name !== 'other',
      'write another name; other is everything unregistered'
    ),
    group: text('the name of a group of peers').optional(),
    members: z
      .array(
        z.union(
          [
            z.string(),
            z.strictObject({
              address: z.string(),
              port: z.int().optional(),
              transport: z.enum(transports).optional()
            })
          ],
          `write an address as text, or a map of address, port (a number) and transport (${transports.join(', ')})`
        ),
        'write a list of addresses'
      )
      .min(1, 'write at least one address'),
    ours: z.boolean('write true or false').default(false),
    calls: limit('the number of concurrent calls').optional(),
    cps: limit('the number of call attempts per second').optional(),
    maintenance: z
      .array(
        z
          .strictObject({ from: moment, to: moment }, 'write a map of from and to')
          .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'write a to that is later than its from'),
        'write a list of windows, each with from and to'
      )
      .default([])
  },
  'write a map of name and members'
)

const RegistryFile = z.strictObject(
  { peers: z.array(Entry, 'write a list of peers') },
  'write peers: and a list under it'
)

type Path = readonly PropertyKey[]
type Mistake = { readonly path: Path; readonly key?: string; readonly message: string }

/**
 * Reads a registry.
 *
 * @param file what the text is called in messages
 * @throws RegistryError with all mistakes
 */
export function parseRegistry(yaml: string, file: string): Registry {
  const lineCounter = new LineCounter()
  const document = parseDocument(yaml, { lineCounter })
  const at = (offset: number): string => `${file}:${lineCounter.linePos(offset).line}`
  if (document.errors.length > 0) {
    throw new RegistryError(document.errors.map(({ pos, message }) => `${at(pos[0])}: ${sentenceOf(message)}`))
  }
  const result = readEntries(document.toJS())
  if ('registered' in result) return new Registry(result.registered)
  throw new RegistryError(
    result.mistakes.map(({ path, key, message }) => `${at(offsetOf(document, path, key))}: ${pathText(path)}${message}`)
  )
}

/** Of what the parser says, without the place and the excerpt that follow it. */
const sentenceOf = (message: string): string => message.replace(/ at line \d+, column \d+:[^]*$/, '')

/** @throws RegistryError also where the file cannot be read */
export async function loadRegistry(file: string): Promise<Registry> {
  let yaml: string
  try {
    yaml = await readFile(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new RegistryError([`${file}: cannot be read (${code}); write the path of a YAML file`], { cause })
  }
  return parseRegistry(yaml, file)
}

function readEntries(content: unknown): { registered: Registered[] } | { mistakes: Mistake[] } {
  const checked = RegistryFile.safeParse(content)
  if (!checked.success) return { mistakes: checked.error.issues.flatMap(issueMistakes) }
  const mistakes: Mistake[] = []
  const names = new Map<string, number>()
  const claimed = new Map<string, string>()
  const registered = checked.data.peers.map((raw, index): Registered => {
    const before = names.get(raw.name)
    if (before !== undefined) {
      const message = `"${raw.name}" is already peer ${before + 1}; write another name, or join the members of both`
      mistakes.push({ path: ['peers', index, 'name'], message })
    }
    names.set(raw.name, index)
    const members = raw.members.flatMap((each, place) => {
      const path = ['peers', index, 'members', place]
      const member = readMember(each)
      if ('kind' in member) {
        mistakes.push({ path, message: member.message })
        return []
      }
      const owner = claimed.get(memberText(member))
      if (owner !== undefined) {
        const message = `${memberText(member)} is already a member of "${owner}"; leave one of the two out`
        mistakes.push({ path, message })
      }
      claimed.set(memberText(member), raw.name)
      return [member]
    })
    return { entry: entryOf(raw), members }
  })
  return mistakes.length > 0 ? { mistakes } : { registered }
}

const entryOf = ({ name, group, ours, calls, cps, maintenance }: z.infer<typeof Entry>): PeerEntry => ({
  name,
  ...(group === undefined ? {} : { group }),
  ours,
  ...(calls === undefined ? {} : { calls }),
  ...(cps === undefined ? {} : { cps }),
  maintenance: maintenance.map(({ from, to }) => ({ from: microsOf(from), to: microsOf(to) }))
})

const microsOf = (time: string): EpochMicros => epochMicros(Date.parse(time) * 1e3)

function issueMistakes(issue: z.core.$ZodIssue): Mistake[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }]
  return issue.keys.map(key => ({
    path: issue.path,
    key,
    message: `there is no "${key}"; write one of ${keysAt(issue.path)}`
  }))
}

function keysAt(path: Path): string {
  if (path.length === 0) return 'peers'
  if (path.includes('members')) return 'address, port, transport'
  return path.includes('maintenance') ? 'from, to' : Object.keys(Entry.shape).join(', ')
}

/** `peers[2].members[0]: `, counted from 0. */
const pathText = (path: Path): string =>
  path.length === 0
    ? ''
    : `${path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`)).join('')}: `

/** Where the value stands, or the key in it; what is missing stands where its parent does. */
function offsetOf(document: Document, path: Path, key?: string): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (!isNode(node)) continue
    const pair = isMap(node) ? node.items.find(each => isScalar(each.key) && String(each.key.value) === key) : undefined
    return (isScalar(pair?.key) ? pair.key : node).range?.[0] ?? 0
  }
  return 0
}

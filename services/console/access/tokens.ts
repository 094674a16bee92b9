import { hash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConfigError } from '@earshot/runtime'

/** Who has which token, by the token's SHA-256: the file gives nobody access who reads it. */
export type Tokens = ReadonlyMap<string, string>

/** What cannot be guessed needs no slow hash. */
const TOKEN_BYTES = 32

/** Longer than any that is given out. */
const LONGEST_TOKEN = 256

const hashOf = (token: string): string => hash('sha256', token, 'hex')

/** A token that nobody has yet, and the line for it in the file. */
export function newToken(name: string): { readonly token: string; readonly line: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return { token, line: `${name} ${hashOf(token)}` }
}

/** Whose it is. What is compared are hashes, so that the time it takes tells nothing of a token. */
export const ownerOf = (tokens: Tokens, token: string): string | undefined =>
  token.length > LONGEST_TOKEN ? undefined : tokens.get(hashOf(token))

/**
 * One line for each token: a name without spaces, and the hash. Empty lines and those with # are left out.
 *
 * @param file what the text is called in messages
 * @throws ConfigError with all mistakes, a line each
 */
export function parseTokens(text: string, file: string): Tokens {
  const tokens = new Map<string, string>()
  const mistakes: string[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [name = '', digest = '', ...more] = line.trim().split(/\s+/)
    const mistake = mistakeOf(name, digest.toLowerCase(), more, tokens)
    if (mistake === undefined) tokens.set(digest.toLowerCase(), name)
    else mistakes.push(`${file}:${index + 1}: ${mistake}`)
  }
  if (mistakes.length === 0 && tokens.size === 0) {
    mistakes.push(`${file}: has no token; write the line that earshot token NAME prints`)
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return tokens
}

function mistakeOf(name: string, digest: string, more: readonly string[], tokens: Tokens): string | undefined {
  if (!/^[0-9a-f]{64}$/.test(digest) || more.length > 0) {
    return 'write a name and the SHA-256 of a token, as earshot token NAME prints it'
  }
  if (name.length > 100) return 'the name has more than 100 characters'
  return tokens.has(digest) ? `is the token of "${tokens.get(digest)}" already` : undefined
}

/** @throws ConfigError also where the file cannot be read */
export async function loadTokens(file: string): Promise<Tokens> {
  const text = await readFile(file, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new ConfigError([`${file}: cannot be read (${code}); give console.tokensFile the path of a file`])
  })
  return parseTokens(text, file)
}

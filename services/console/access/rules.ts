import { ConfigError, type Component, type Config } from '@earshot/runtime'
import { followFiles } from '../../followed-files.ts'
import { blockList, networkIn } from '../../networks.ts'
import { isLoopback, type AccessRules } from './identity.ts'
import { loadTokens } from './tokens.ts'

export type Access = {
  readonly rules: () => AccessRules
  /** Follows the file of tokens, where there is one. */
  readonly parts: readonly Component[]
}

type Settings = Pick<Config, 'console' | 'http' | 'alert'>

/**
 * Who may ask, as the configuration says.
 *
 * @param onError told of a file of tokens that cannot be used; the one before stays in force
 * @throws ConfigError
 */
export function accessOf({ console, http, alert }: Settings, onError: (error: Error) => void): Access {
  const { tokensFile } = console
  const fixed = { loopback: isLoopback(http.host), userHeader: userHeaderOf(console), pageUrl: alert.pageUrl }
  if (tokensFile === undefined) return { rules: () => fixed, parts: [] }
  let rules: AccessRules = { ...fixed, tokens: new Map() }
  const following = followFiles({
    name: 'tokens',
    files: [tokensFile],
    load: () => loadTokens(tokensFile),
    onChange: tokens => (rules = { ...fixed, tokens }),
    onError
  })
  return { rules: () => rules, parts: [following] }
}

function userHeaderOf({ userHeader, proxies }: Config['console']): AccessRules['userHeader'] {
  if (userHeader === undefined && proxies === undefined) return undefined
  if (userHeader === undefined || proxies === undefined) {
    throw new ConfigError([
      'console.userHeader and console.proxies go together: whose header, and of which it is believed'
    ])
  }
  const networks = proxies.split(',').map(text => text.trim())
  const wrong = networks.filter(text => networkIn(text) === undefined)
  if (wrong.length > 0) {
    throw new ConfigError(wrong.map(text => `console.proxies: "${text}" is no address and no network`))
  }
  return { name: userHeader, proxies: blockList(networks) }
}

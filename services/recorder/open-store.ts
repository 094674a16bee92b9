import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, type Config } from '@earshot/runtime'
import { ClickhouseStore, SqliteStore, type Store } from '@earshot/store'

const fileIn = (dataDir: string): string => join(dataDir, 'store.sqlite')

/** Why there is nothing to read: opening a store would make an empty one. Undefined where there may be one. */
export function storeMissing({ dataDir, store }: Pick<Config, 'dataDir' | 'store'>): string | undefined {
  if (store.clickhouseUrl !== undefined || existsSync(fileIn(dataDir))) return undefined
  return `there is no store in ${dataDir}: earshot up, or earshot recorder, makes one (--data-dir names another folder)`
}

/**
 * The store that the configuration names, not started.
 *
 * @throws ConfigError where the password for ClickHouse cannot be read
 */
export function openStore({ memory, dataDir, store }: Pick<Config, 'memory' | 'dataDir' | 'store'>): Store {
  const { clickhouseUrl: url, database, username } = store
  if (url !== undefined && !memory) return new ClickhouseStore({ url, database, username, password: passwordOf(store) })
  return new SqliteStore(memory ? undefined : fileIn(dataDir))
}

function passwordOf({ password = '', passwordFile }: Config['store']): string {
  if (passwordFile === undefined) return password
  try {
    return readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError([`${passwordFile}: cannot be read (${code}); give store.passwordFile the path of a file`])
  }
}

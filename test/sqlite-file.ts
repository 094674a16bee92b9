import { DatabaseSync } from 'node:sqlite'

/** Makes the file of a database by the SQL given, and returns its path. */
export function sqliteFile(path: string, sql: string): string {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
  return path
}
